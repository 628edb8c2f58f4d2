/** What the protocol costs in machines of any size: messages and bytes of each processor, by its role. */
import { LeanMachine, type ScaleOptions } from './lean-machine.ts'
import type { Role, RoleTraffic } from './traffic.ts'

export type { Role, RoleTraffic } from './traffic.ts'

export interface ScaleFigures {
  readonly processes: number
  /** Sent and got by all processors of a role in all checkpoints together. */
  readonly traffic: Readonly<Record<Role, RoleTraffic>>
  /** The same for one recovery from the loss of an application processor. */
  readonly recovery: Readonly<Record<Role, RoleTraffic>>
  /** Events that state machines have handled in the checkpoints. */
  readonly events: number
}

/**
 * Runs a machine for this many checkpoints, then loses a processor. `told` is called when it has started, run and
 * recovered.
 */
export function measureScale(
  options: ScaleOptions,
  told: (stage: 'started' | 'run' | 'recovered') => void = () => {},
): ScaleFigures {
  const { processes, checkpoints } = options
  const machine = new LeanMachine(options)
  told('started')
  // The first one begins amid the start.
  machine.run(1)
  machine.traffic.clear()
  const before = machine.events
  machine.run(checkpoints)
  const traffic = trafficOf(machine)
  const events = machine.events - before
  told('run')
  machine.traffic.clear()
  machine.lose(Math.floor(processes / 2))
  const recovery = trafficOf(machine)
  told('recovered')
  return { processes, traffic, recovery, events }
}

function trafficOf(machine: LeanMachine): Record<Role, RoleTraffic> {
  const { places, traffic } = machine
  const all = [...places, 'conductor' as const]
  const of = (role: Role): RoleTraffic => traffic.of(role, all)
  return {
    application: of('application'),
    checkpoint: of('checkpoint'),
    backup: of('backup'),
    conductor: of('conductor'),
  }
}
