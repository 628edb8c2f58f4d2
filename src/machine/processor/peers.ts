import { join } from 'node:path'
import { assert, type Epoch, isCount, type ProcessorId } from '../../base/index.ts'
import {
  type Fabric,
  hostTiming,
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
import { type HostConfiguration, type Member, processorSocket } from '../wire/control.ts'
import type { Keep } from './lent-pages.ts'
import { listenOnHost } from './listen-on-host.ts'

export interface PeersOptions {
  /** Links to processors on this host. */
  readonly fabric: Fabric
  /** Links to those on other hosts; not needed where there are none. */
  readonly hostFabric?: Fabric
  /** Where pages are made that are to be sent. */
  readonly slots: SlotPool
  /** The run's folder, which holds the sockets. */
  readonly folder: string
  readonly own: ProcessorId
  /** As usual within a host and between two if not given. */
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
  /** The host that this processor is on; null where all are on one computer. */
  #host: string | null = null
  #hasOtherHosts = false
  readonly #holders = new Map<Place, ProcessorId>()
  readonly #members = new Map<ProcessorId, Member>()
  readonly #outgoing = new Map<ProcessorId, SendingSession>()
  readonly #incoming = new Map<ProcessorId, ReceivingSession>()
  readonly #listeners: Listener[] = []
  #isClosed = false
  /** On all links together, when that was last looked at. */
  #heardBytes = 0

  constructor(options: PeersOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    const { fabric, folder, own, onRejected } = this.#options
    const listener = await fabric.listen(
      join(folder, processorSocket(own)),
      (link) => this.#accept(link),
      (why) => onRejected(null, why),
    )
    this.#listeners.push(listener)
    if (this.#isClosed) this.close()
  }

  /**
   * Listens for processors of other hosts, too, and tells members of this host from others. Returns where.
   *
   * @throws Error of one line, when no port of the host's is free
   */
  async listenOnHost(host: HostConfiguration): Promise<string> {
    const { hostFabric: fabric, own, onRejected } = this.#options
    assert(fabric !== undefined, 'a processor on one of several hosts has links to others')
    const onTurnedAway = (why: string): void => onRejected(null, why)
    const listener = await listenOnHost(host, { fabric, own, onLink: (link) => this.#accept(link), onTurnedAway })
    this.#host = host.name
    this.#listeners.push(listener)
    if (this.#isClosed) this.close()
    return listener.address
  }

  /** Ends all links, and listens no more. */
  close(): void {
    this.#isClosed = true
    this.update([])
    for (const listener of this.#listeners) void listener.close('destroy')
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

  /** Learns who holds which place now and where, and drops what is kept for those that were replaced. */
  update(members: readonly Member[]): void {
    const before = new Map(this.#members)
    this.#holders.clear()
    this.#members.clear()
    for (const member of members) {
      this.#holders.set(member.place, member.processor)
      this.#members.set(member.processor, member)
    }
    this.#hasOtherHosts = members.some((member) => this.#isElsewhere(member))
    for (const [processor, outgoing] of this.#outgoing) {
      const member = this.#members.get(processor)
      if (member && this.#wayTo(member) === this.#wayTo(before.get(processor) ?? member)) continue
      // What it has not acknowledged goes to its new address, in the same numbers.
      if (member) outgoing.reconnect('it is to be reached elsewhere')
      else {
        this.#outgoing.delete(processor)
        outgoing.drop()
      }
    }
    for (const processor of before.keys()) if (!this.#members.has(processor)) this.#incoming.delete(processor)
  }

  /** The address of a processor on another host; null if it is on this one. */
  #wayTo({ host, address }: Member): string | null {
    return host === this.#host ? null : address
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

  /**
   * Has some others say that they hear this processor: all it sends to, or else the first; where there are some on other hosts,
   * only these. Whether they do, `hears` tells.
   */
  ask(): void {
    const { own } = this.#options
    if (![...this.#outgoing.keys()].some((processor) => this.#isWitness(processor))) {
      const others = [...this.#holders].filter(([, processor]) => processor !== own && this.#isWitness(processor))
      for (const [place] of others.slice(0, askedAtFirst)) this.#to(place)
    }
    for (const [processor, session] of this.#outgoing) if (this.#isWitness(processor)) session.ask()
  }

  /**
   * Whether anything has come since the last call from another processor; where there are some on other hosts, from one
   * of these: those on this host are cut off as this one is.
   */
  hears(): boolean {
    let bytes = 0
    for (const sessions of [this.#outgoing, this.#incoming]) {
      for (const [processor, session] of sessions) if (this.#isWitness(processor)) bytes += session.receivedBytes
    }
    const isMore = bytes > this.#heardBytes
    this.#heardBytes = bytes
    return isMore
  }

  /** Whether it counts that this one is heard. */
  #isWitness(processor: ProcessorId): boolean {
    return !this.#hasOtherHosts || this.#isElsewhere(this.#members.get(processor))
  }

  #isElsewhere(member: Member | undefined): boolean {
    return member !== undefined && member.host !== this.#host
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
    const { slots, onUnreachable, onReachable } = this.#options
    const isRemote = this.#isElsewhere(this.#members.get(processor))
    const session = new SendingSession({
      timing: this.#options.timing ?? (isRemote ? hostTiming : usualTiming),
      slots,
      isRemote,
      connect: (attempt) => this.#connect(processor, attempt),
      onDown: (detail) => onUnreachable(processor, detail),
      onUp: () => onReachable(processor),
    })
    this.#outgoing.set(processor, session)
    return session
  }

  async #connect(processor: ProcessorId, attempt: number): Promise<Link> {
    const { fabric, hostFabric, folder, own } = this.#options
    const hello = { processor: own, attempt }
    const member = this.#members.get(processor)
    if (!member) throw new Error('it was given up')
    if (!this.#isElsewhere(member)) return fabric.connect(join(folder, processorSocket(processor)), hello)
    if (!hostFabric || member.address === null) throw new Error(`it is on the host ${member.host}, at no address`)
    return hostFabric.connect(member.address, hello)
  }
}
