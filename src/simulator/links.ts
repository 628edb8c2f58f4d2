import { assert, type Epoch, type ProcessorId } from '../base/index.ts'
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
  /** Frames that were delivered not long ago, oldest first: some may come again, late. */
  readonly delivered: Packet[]
  /** Carries nothing any more: the connection broke, and the processor at its end is being given up. */
  broken: boolean
}

const deliveredMax = 3

export class Links {
  readonly #links = new Map<number, Link>()
  /** The same links, in the order in which they were first used. */
  readonly all: Link[] = []

  between(from: End, to: End): Link {
    const key = numberOf(from) * endsMax + numberOf(to)
    const known = this.#links.get(key)
    if (known) return known
    const link: Link = { from, to, packets: [], delivered: [], broken: false }
    this.#links.set(key, link)
    this.all.push(link)
    return link
  }

  put(from: End, to: End, packet: Packet): void {
    const link = this.between(from, to)
    if (!link.broken) link.packets.push(packet)
  }

  /** Takes the next packet off a link that carries one, and remembers it if it is a frame. */
  take(link: Link): Packet {
    const packet = link.packets.shift()
    assert(packet !== undefined, 'a busy link carries something')
    if (packet.type === 'frame') {
      link.delivered.push(packet)
      if (link.delivered.length > deliveredMax) link.delivered.shift()
    }
    return packet
  }

  /** Links that carry something, in the order in which they were first used. */
  busy(): Link[] {
    return this.all.filter(({ packets }) => packets.length > 0)
  }

  from(end: End): Link[] {
    return this.all.filter((link) => link.from === end)
  }

  to(end: End): Link[] {
    return this.all.filter((link) => link.to === end)
  }
}

const endsMax = 2 ** 20

const numberOf = (end: End): number => (end === 'conductor' ? 0 : end)
