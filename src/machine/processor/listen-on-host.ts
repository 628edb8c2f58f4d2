import type { ProcessorId } from '../../base/index.ts'
import { type Fabric, type Link, type Listener, tcpAddress } from '../../fabric/index.ts'
import type { HostConfiguration } from '../wire/control.ts'

/** What a processor needs to be reached from other hosts. */
export interface HostReception {
  readonly fabric: Fabric
  readonly own: ProcessorId
  onLink(link: Link): void
  onTurnedAway(why: string): void
}

/**
 * Listens at an address of the host, on any port or on the first free one of its range; processors begin to look at
 * different ones.
 *
 * @throws Error of one line, when none is free or the host has no such address
 */
export async function listenOnHost(
  { name, address, ports }: HostConfiguration,
  { fabric, own, onLink, onTurnedAway }: HostReception,
): Promise<Listener> {
  if (ports === null) return fabric.listen(tcpAddress(address, 0), onLink, onTurnedAway)
  const { first, last } = ports
  const count = last - first + 1
  for (let tried = 0; tried < count; tried += 1) {
    try {
      return await fabric.listen(tcpAddress(address, first + ((own + tried) % count)), onLink, onTurnedAway)
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  throw new Error(
    `no port from ${first} to ${last} is free at ${address}, and each processor on the host ${name} needs one: give it a wider range`,
  )
}

function isTaken(error: unknown): boolean {
  const { cause } = error as Error & { readonly cause?: NodeJS.ErrnoException }
  return cause?.code === 'EADDRINUSE'
}
