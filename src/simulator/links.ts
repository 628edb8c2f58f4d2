import type { Epoch, ProcessorId } from '../base/index.ts'
import type { Frame, Place } from '../protocol/index.ts'

/** One end of a link. The conductor is no processor: it is never lost here. */
export type End = ProcessorId | 'conductor'

/** Everything that travels on a link, in order. */
export type Packet =
  | { readonly type: 'frame'; readonly epoch: Epoch; readonly from: Place; readonly frame: Frame }
  /** To the conductor: the processor has started. */
  | { readonly type: 'ready' }
  /** To the conductor, behind everything else: the connection closed. */
  | { readonly type: 'closed' }
  /** From the conductor: take this place; these hold the others. */
  | {
      readonly type: 'assigned'
      readonly place: Place
      readonly epoch: Epoch
      readonly members: ReadonlyMap<Place, ProcessorId>
    }
  /** From the conductor: the place is held by this processor from now on. */
  | { readonly type: 'member'; readonly place: Place; readonly processor: ProcessorId }
  | { readonly type: 'fenced' }

/** What one end has sent and the other has not taken yet. Links keep the order; between links there is none. */
export interface Link {
  readonly from: End
  readonly to: End
  packets: Packet[]
}

export class Links {
  readonly #links = new Map<string, Link>()

  between(from: End, to: End): Link {
    const key = `${from}>${to}`
    const link = this.#links.get(key) ?? { from, to, packets: [] }
    this.#links.set(key, link)
    return link
  }

  put(from: End, to: End, packet: Packet): void {
    this.between(from, to).packets.push(packet)
  }

  /** Links that carry something, in the order in which they were first used. */
  busy(): Link[] {
    return [...this.#links.values()].filter(({ packets }) => packets.length > 0)
  }

  from(end: End): Link[] {
    return [...this.#links.values()].filter((link) => link.from === end)
  }

  to(end: End): Link[] {
    return [...this.#links.values()].filter((link) => link.to === end)
  }
}
