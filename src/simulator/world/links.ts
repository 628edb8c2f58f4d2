import { assert, type Epoch, type ProcessorId } from '../../base/index.ts'
import type {
  Accident,
  CandidateEvent,
  Place,
  ReleaseEffect,
  StorageOrder,
  StoreRequest,
} from '../../protocol/index.ts'
import { type ChannelChance, type ChannelFrame, LossyChannel } from './lossy-channel.ts'
import type { RunEnding } from './options.ts'

/** Where there are several that may conduct; they are counted from 1. */
export type CandidateEnd = `candidate ${number}`

/**
 * One end of a link. The conductor is no processor, and never lost. Where it may be lost there are candidates, the store of the
 * record and the disk, which are never lost, and the watcher, which fetches what is released.
 */
export type End = ProcessorId | 'conductor' | CandidateEnd | 'store' | 'disk' | 'watcher'

/** Everything that travels on a link, in order. */
export type Packet =
  | ChannelFrame
  /** To the conductor: the processor has started, on this host; null on one computer. */
  | { readonly type: 'ready'; readonly host: string | null }
  /** To the conductor, behind everything else: the connection closed. */
  | { readonly type: 'closed'; readonly accident?: Accident | null }
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
  /** From a candidate: somebody else conducts from now on. */
  | { readonly type: 'introduced'; readonly members: ReadonlyMap<Place, ProcessorId> }
  /** From a candidate: what it orders as the conductor of this epoch (C3). */
  | { readonly type: 'order'; readonly epoch: Epoch; readonly order: Packet }
  /** From a processor that obeys whoever conducts in this epoch; to a candidate of an earlier one. */
  | { readonly type: 'refused'; readonly epoch: Epoch }
  /** To the watcher. */
  | { readonly type: 'released'; readonly effect: ReleaseEffect }
  | { readonly type: 'ended'; readonly outcome: RunEnding }
  /** To and from candidates. */
  | { readonly type: 'news'; readonly event: CandidateEvent }
  | { readonly type: 'asked'; readonly effect: StoreRequest }
  /** From a candidate to the disk: who conducts in this epoch, and what it wants written. */
  | { readonly type: 'diskOrder'; readonly epoch: Epoch; readonly order: StorageOrder }

/** What one end has sent and the other has not taken yet. Links keep the order; between links there is none. */
export interface SimulatedLink {
  readonly from: End
  readonly to: End
  /** Links are numbered in the order in which they were first used. */
  readonly index: number
  /** Changed by `Links` only, which remembers who carries anything. */
  packets: Packet[]
  /** Carries something, or something that its channel may have lost has to be sent again. */
  isBusy: boolean
  /** Frames that were delivered not long ago, oldest first: some may come again, late. */
  readonly delivered: Packet[]
  /** Carries nothing any more: the connection broke, and the processor at its end is being given up. */
  broken: boolean
  /** Null: it delivers everything once and in order. */
  readonly channel: LossyChannel | null
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
  readonly #chance: ChannelChance | null
  /** Ends that take nothing as long as they are frozen; processors say so themselves. */
  readonly frozen = new Set<End>()
  #partition: Partition | null = null

  /** `chance`: what channels between processors do; null for nothing. All others always deliver all in order. */
  constructor(chance: ChannelChance | null = null) {
    this.#chance = chance
  }

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

  /** Null: nothing was ever sent there. */
  used(from: End, to: End): SimulatedLink | null {
    return this.#links.get(keyOf(from, to)) ?? null
  }

  between(from: End, to: End): SimulatedLink {
    const known = this.used(from, to)
    if (known) return known
    const link: SimulatedLink = {
      from,
      to,
      index: this.all.length,
      packets: [],
      isBusy: false,
      delivered: [],
      broken: false,
      channel:
        this.#chance && typeof from === 'number' && typeof to === 'number' ? new LossyChannel(this.#chance) : null,
      cut: this.isCut(from, to),
    }
    this.#links.set(keyOf(from, to), link)
    this.all.push(link)
    return link
  }

  put(from: End, to: End, packet: Packet): void {
    const link = this.between(from, to)
    if (link.broken) return
    if (link.channel && packet.type === 'frame') link.packets.push(...link.channel.put(packet))
    else link.packets.push(packet)
    this.#list(link)
  }

  /** Makes `packets` what the link carries. */
  replace(link: SimulatedLink, packets: Packet[]): void {
    link.packets = packets
    this.#list(link)
  }

  /** What is in flight is lost. False: nothing would send it again. */
  lose(link: SimulatedLink): boolean {
    if (link.channel) this.replace(link, [])
    return link.channel !== null
  }

  /** It carries nothing more but the news of an end. */
  break(link: SimulatedLink): void {
    this.replace(
      link,
      link.packets.filter(({ type }) => type === 'closed'),
    )
    link.broken = true
  }

  /** Its sender has ended: `packets` are the last it carries, whatever of them is lost. */
  end(link: SimulatedLink, packets: Packet[]): void {
    link.channel?.end()
    this.replace(link, packets)
  }

  /**
   * Takes the next packet off a link that carries one, and remembers it if it is a frame. Null: nothing comes of it, or what
   * was lost is sent again.
   */
  take(link: SimulatedLink): Packet | null {
    const { channel } = link
    const packet = channel ? this.#takeFrom(channel, link) : link.packets.shift()
    assert(packet !== undefined, 'a busy link carries something')
    this.#list(link)
    if (packet?.type === 'frame') {
      link.delivered.push(packet)
      if (link.delivered.length > deliveredMax) link.delivered.shift()
    }
    return packet
  }

  #takeFrom(channel: LossyChannel, link: SimulatedLink): Packet | null {
    if (link.packets.length === 0) {
      link.packets = channel.repeat()
      return null
    }
    const { which, isLost, staysToo } = channel.draw(link.packets.length)
    const packet = link.packets[which]!
    if (!staysToo) link.packets.splice(which, 1)
    return !isLost && packet.type === 'frame' && channel.take(packet, link.packets.length === 0) ? packet : null
  }

  /** Links that carry something, in the order in which they were first used. */
  get busy(): readonly SimulatedLink[] {
    return this.#busy
  }

  #list(link: SimulatedLink): void {
    const isBusy = link.packets.length > 0 || (link.channel?.isWaiting ?? false)
    if (isBusy === link.isBusy) return
    link.isBusy = isBusy
    if (isBusy) this.#noteBusy(link)
    else this.#busy.splice(this.#busy.indexOf(link), 1)
  }

  #noteBusy(link: SimulatedLink): void {
    let place = this.#busy.length
    while (place > 0 && this.#busy[place - 1]!.index > link.index) place -= 1
    this.#busy.splice(place, 0, link)
  }

  from(end: End): SimulatedLink[] {
    return this.all.filter((link) => link.from === end)
  }

  to(end: End): SimulatedLink[] {
    return this.all.filter((link) => link.to === end)
  }
}

const endsMax = 2 ** 20

function numberOf(end: End): number {
  if (typeof end === 'number') return end
  if (end === 'conductor') return 0
  if (end === 'store' || end === 'watcher') return endsMax - (end === 'store' ? 1 : 2)
  if (end === 'disk') return endsMax - 3
  return endsMax - 3 - Number(end.slice('candidate '.length))
}

const keyOf = (from: End, to: End): number => numberOf(from) * endsMax + numberOf(to)
