import { assert, type Epoch, type ProcessorId } from '../../base/index.ts'
import type { Frame, Place } from '../../protocol/index.ts'

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
export interface SimulatedLink {
  readonly from: End
  readonly to: End
  /** Links are numbered in the order in which they were first used. */
  readonly index: number
  /** Changed by `Links` only, which remembers who carries anything. */
  packets: Packet[]
  /** Frames that were delivered not long ago, oldest first: some may come again, late. */
  readonly delivered: Packet[]
  /** Carries nothing any more: the connection broke, and the processor at its end is being given up. */
  broken: boolean
  /** Delivers nothing as long as the partition lasts. */
  cut: boolean
}

/** Some processors and the rest do not hear each other. Processors that are started meanwhile are not on this side. */
export interface Partition {
  readonly side: ReadonlySet<End>
  /** out: what the side sends is held up; in: what is sent to it; both. */
  readonly way: 'out' | 'in' | 'both'
}

const deliveredMax = 3

export class Links {
  readonly #links = new Map<number, SimulatedLink>()
  /** The same links, in the order in which they were first used. */
  readonly all: SimulatedLink[] = []
  /** Links that carry something, by their numbers. */
  readonly #busy: SimulatedLink[] = []
  #partition: Partition | null = null

  get partition(): Partition | null {
    return this.#partition
  }

  set partition(partition: Partition | null) {
    this.#partition = partition
    for (const link of this.all) link.cut = this.isCut(link.from, link.to)
  }

  /** Whether the partition holds up what one end sends to the other. */
  isCut(from: End, to: End): boolean {
    if (!this.#partition) return false
    const { side, way } = this.#partition
    return (way !== 'in' && side.has(from) && !side.has(to)) || (way !== 'out' && !side.has(from) && side.has(to))
  }

  between(from: End, to: End): SimulatedLink {
    const key = numberOf(from) * endsMax + numberOf(to)
    const known = this.#links.get(key)
    if (known) return known
    const link: SimulatedLink = {
      from,
      to,
      index: this.all.length,
      packets: [],
      delivered: [],
      broken: false,
      cut: this.isCut(from, to),
    }
    this.#links.set(key, link)
    this.all.push(link)
    return link
  }

  put(from: End, to: End, packet: Packet): void {
    const link = this.between(from, to)
    if (link.broken) return
    link.packets.push(packet)
    if (link.packets.length === 1) this.#noteBusy(link)
  }

  /** Makes `packets` what the link carries. */
  replace(link: SimulatedLink, packets: Packet[]): void {
    const wasBusy = link.packets.length > 0
    link.packets = packets
    if (!wasBusy && packets.length > 0) this.#noteBusy(link)
    if (wasBusy && packets.length === 0) this.#noteIdle(link)
  }

  /** Takes the next packet off a link that carries one, and remembers it if it is a frame. */
  take(link: SimulatedLink): Packet {
    const packet = link.packets.shift()
    assert(packet !== undefined, 'a busy link carries something')
    if (link.packets.length === 0) this.#noteIdle(link)
    if (packet.type === 'frame') {
      link.delivered.push(packet)
      if (link.delivered.length > deliveredMax) link.delivered.shift()
    }
    return packet
  }

  /** Links that carry something, in the order in which they were first used. */
  get busy(): readonly SimulatedLink[] {
    return this.#busy
  }

  #noteBusy(link: SimulatedLink): void {
    let place = this.#busy.length
    while (place > 0 && this.#busy[place - 1]!.index > link.index) place -= 1
    this.#busy.splice(place, 0, link)
  }

  #noteIdle(link: SimulatedLink): void {
    this.#busy.splice(this.#busy.indexOf(link), 1)
  }

  from(end: End): SimulatedLink[] {
    return this.all.filter((link) => link.from === end)
  }

  to(end: End): SimulatedLink[] {
    return this.all.filter((link) => link.to === end)
  }
}

const endsMax = 2 ** 20

const numberOf = (end: End): number => (end === 'conductor' ? 0 : end)
