import { join } from 'node:path'
import { type Epoch, isCount, type ProcessorId } from '../../base/index.ts'
import {
  type Fabric,
  type Link,
  type Listener,
  type Pacing,
  ReceivingSession,
  SendingSession,
  type SessionTiming,
  type SlotPool,
  sendPaced,
  usualTiming,
} from '../../fabric/index.ts'
import { freshRoom, type Room } from '../../parity/index.ts'
import { type Envelope, envelopeProblem, type Place } from '../../protocol/index.ts'
import { type Member, processorSocket } from '../wire/control.ts'
import type { Keep } from './lent-pages.ts'

export interface PeersOptions {
  readonly fabric: Fabric
  /** Where pages are made that are to be sent. */
  readonly slots: SlotPool
  /** The run's folder, which holds the sockets. */
  readonly folder: string
  readonly own: ProcessorId
  /** As usual if not given. */
  readonly timing?: SessionTiming
  onEnvelope(envelope: Envelope, keep: Keep): void
  /** Nothing gets through to a member any more, though its processor has not been given up; it is told once. */
  onUnreachable(processor: ProcessorId, detail: string): void
  /** It does again. */
  onReachable(processor: ProcessorId): void
  /** A link was closed since it carried what is no envelope. `processor`: who sent on it, null if it did not say so. */
  onRejected(processor: ProcessorId | null, detail: string): void
}

/** Who sends to nobody yet opens so many links, to be heard. */
const askedAtFirst = 2

/** Between two slots that are given memory: a fresh one may take some milliseconds. */
const preparingMs = 10

/**
 * The sessions with the other processors. Each direction has links of its own, opened by the sender when there is first
 * something to send and whenever one breaks, so the frames from one processor to another keep their order and are not lost.
 */
export class Peers {
  readonly #options: PeersOptions
  readonly #holders = new Map<Place, ProcessorId>()
  readonly #outgoing = new Map<ProcessorId, SendingSession>()
  readonly #incoming = new Map<ProcessorId, ReceivingSession>()
  #listener: Listener | null = null
  #isClosed = false
  /** On all links together, when that was last looked at. */
  #heardBytes = 0

  constructor(options: PeersOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    const { fabric, folder, own, onRejected } = this.#options
    this.#listener = await fabric.listen(
      join(folder, processorSocket(own)),
      (link) => this.#accept(link),
      (why) => onRejected(null, why),
    )
    if (this.#isClosed) this.close()
  }

  /** Ends all links, and listens no more. */
  close(): void {
    this.#isClosed = true
    this.update([])
    void this.#listener?.close('destroy')
  }

  #accept(link: Link): void {
    const { processor, attempt } = link.peer ?? {}
    const sender = isCount(processor) ? (processor as ProcessorId) : null
    if (sender === null || !isCount(attempt)) {
      this.#makeIncoming(sender).accept(link, 0)
      return
    }
    const session = this.#incoming.get(sender) ?? this.#makeIncoming(sender)
    this.#incoming.set(sender, session)
    session.accept(link, attempt)
  }

  #makeIncoming(sender: ProcessorId | null): ReceivingSession {
    const { onEnvelope, onRejected, timing = usualTiming } = this.#options
    return new ReceivingSession({
      ackMs: timing.ackMs,
      problemWith: envelopeProblem,
      onMessage: (message, keep) => onEnvelope(message as Envelope, keep),
      onEnd: ({ kind, detail }) => {
        if (kind === 'damaged') onRejected(sender, detail)
      },
    })
  }

  /** Learns who holds which place now, and drops what is kept for those that were replaced. */
  update(members: readonly Member[]): void {
    const before = new Set(this.#holders.values())
    this.#holders.clear()
    for (const { place, processor } of members) this.#holders.set(place, processor)
    const living = new Set(this.#holders.values())
    for (const [processor, outgoing] of this.#outgoing) {
      if (living.has(processor)) continue
      this.#outgoing.delete(processor)
      outgoing.drop()
    }
    for (const processor of before) if (!living.has(processor)) this.#incoming.delete(processor)
  }

  /** Nothing that was sent in an older epoch counts any more, and nobody waits for it to arrive. */
  beginEpoch(epoch: Epoch): void {
    for (const session of this.#outgoing.values()) session.beginEpoch(epoch)
    this.#options.slots.wakeAll()
  }

  /** Sends to whoever holds the place; while nobody does, the frame is lost. */
  send(envelope: Envelope): void {
    this.#to(envelope.to)?.send(envelope)
  }

  /** Sends a frame with pages, which `make` has made where its room says. The same holds as for `send`. */
  sendPages(to: Place, make: (room: Room) => Envelope): void {
    const { slots } = this.#options
    const outgoing = this.#to(to)
    if (outgoing?.isOpen) slots.using(() => outgoing.send(make(slots.room)))
    else outgoing?.send(make(freshRoom))
  }

  /** Whether pages that are sent there go in a slot. Where nobody is any more, nothing has to be waited for. */
  isReadyFor(to: Place): boolean {
    const outgoing = this.#to(to)
    return outgoing === null || outgoing.closed || (outgoing.isOpen && this.#options.slots.isFreeFor(true))
  }

  /** Resolves when that may have become true. */
  async whenReadyFor(to: Place): Promise<void> {
    await this.#to(to)?.whenDrained(Number.POSITIVE_INFINITY)
    await this.#options.slots.whenFree(true)
  }

  /**
   * Sends one frame for each item to each place, no faster than they leave; the items' pages are made where the room
   * says. Returns how many items; fewer only if told to stop or when all those places have been given to others.
   */
  async sendPaced<Item>(
    places: readonly Place[],
    makeItems: (room: Room) => Iterable<Item>,
    makeEnvelope: (item: Item, part: number, to: Place) => Envelope,
    pacing: Omit<Pacing, 'slots'>,
  ): Promise<number> {
    const { slots } = this.#options
    const reached = places.flatMap((to) => {
      const session = this.#to(to)
      return session ? [{ to, session }] : []
    })
    for (const { session } of reached) await session.whenDrained(pacing.queuedBytesMax)
    // While the links opened everybody may have gone back, and what the items are made of is no more.
    if (reached.every(({ session }) => session.closed) || pacing.stop()) return 0
    return sendPaced(
      reached.map(({ session }) => session),
      makeItems(slots.room),
      (item: Item, part, index) => makeEnvelope(item, part, reached[index]!.to),
      { ...pacing, slots },
    )
  }

  /** Has some others say that they hear this processor: all it sends to, or else the first. Whether they do, `hears` tells. */
  ask(): void {
    const { own } = this.#options
    if (this.#outgoing.size === 0) {
      const others = [...this.#holders].filter(([, processor]) => processor !== own)
      for (const [place] of others.slice(0, askedAtFirst)) this.#to(place)
    }
    for (const session of this.#outgoing.values()) session.ask()
  }

  /** Whether anything has come from another processor since the last call. */
  hears(): boolean {
    let bytes = 0
    for (const session of [...this.#outgoing.values(), ...this.#incoming.values()]) bytes += session.receivedBytes
    const isMore = bytes > this.#heardBytes
    this.#heardBytes = bytes
    return isMore
  }

  /** Memory of the slots that pages are sent in. */
  get slotBytes(): number {
    return this.#options.slots.bytes
  }

  /** Has so many slots given memory before they are needed, one at a time. */
  prepareSlots(count: number): void {
    if (this.#options.slots.prepareOne(count)) setTimeout(() => this.prepareSlots(count), preparingMs)
  }

  #to(place: Place): SendingSession | null {
    const processor = this.#holders.get(place)
    if (processor === undefined) return null
    const known = this.#outgoing.get(processor)
    if (known) return known
    const { fabric, slots, folder, own, onUnreachable, onReachable, timing = usualTiming } = this.#options
    const address = join(folder, processorSocket(processor))
    const session = new SendingSession({
      timing,
      slots,
      connect: (attempt) => fabric.connect(address, { processor: own, attempt }),
      onDown: (detail) => onUnreachable(processor, detail),
      onUp: () => onReachable(processor),
    })
    this.#outgoing.set(processor, session)
    return session
  }
}
