import { availableParallelism, loadavg } from 'node:os'

/** How much longer things take on this computer now than on an idle one: so many want each core. At least 1. */
export function crowding(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism())
}

/** As long as what takes at most `idleMs` on an idle computer may take on this one now. */
export function patient(idleMs: number): number {
  return Math.ceil(idleMs * crowding())
}
