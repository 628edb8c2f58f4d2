/** What befalls all of a host, as moves. */
import { unreachable } from '../../base/index.ts'
import type { Accident } from '../../protocol/index.ts'
import type { SimulatedHosts } from '../hosts/hosts.ts'

export type HostFault =
  /** Its power goes off: of what is in flight, each link delivers so many packets, but none to whoever conducts. */
  | {
      readonly type: 'loseHost'
      readonly host: string
      readonly arriving: readonly number[]
      /** Left out: somebody asked for it. */
      readonly accident?: Accident
    }
  | { readonly type: 'returnHost' | 'freezeHost' | 'thawHost'; readonly host: string }

/** False, with nothing changed: it is not possible now. */
export function strikeHost(hosts: SimulatedHosts | null, fault: HostFault): boolean {
  const host = hosts?.find(fault.host)
  if (!hosts || !host) return false
  switch (fault.type) {
    case 'loseHost': {
      let link = 0
      return hosts.lose(host, () => fault.arriving[link++] ?? 0, fault.accident ?? null)
    }
    case 'returnHost':
      return hosts.return(host)
    case 'freezeHost':
    case 'thawHost':
      return hosts.freeze(host, fault.type === 'freezeHost')
    default:
      return unreachable(fault)
  }
}
