import { join } from 'node:path'
import type { ProcessorId } from '../../base/index.ts'
import { type Fabric, type Link, type LinkEnd, type Pacing, type SlotPool, sendPaced } from '../../fabric/index.ts'
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
  onEnvelope(envelope: Envelope, keep: Keep): void
  /** A link to a member broke, though its processor has not been given up. */
  onUnreachable(processor: ProcessorId, detail: string): void
  /** A link was closed since it carried what is no envelope. `processor`: who sent on it, null if it did not say so. */
  onRejected(processor: ProcessorId | null, detail: string): void
}

/**
 * The links to the other processors. Each direction has a link of its own, opened by the sender when there is first
 * something to send, so the frames from one processor to another keep their order.
 */
export class Peers {
  readonly #options: PeersOptions
  readonly #holders = new Map<Place, ProcessorId>()
  readonly #outgoing = new Map<ProcessorId, Outgoing>()

  constructor(options: PeersOptions) {
    this.#options = options
  }

  async listen(): Promise<void> {
    const { fabric, folder, own, onRejected } = this.#options
    await fabric.listen(
      join(folder, processorSocket(own)),
      (link) => this.#accept(link),
      (why) => onRejected(null, why),
    )
  }

  #accept(link: Link): void {
    const { onEnvelope, onRejected } = this.#options
    const sender = link.peer?.processor
    link.onClose = ({ kind, detail }) => {
      if (kind === 'damaged') onRejected(Number.isSafeInteger(sender) ? (sender as ProcessorId) : null, detail)
    }
    link.onMessage = (message) => {
      const problem = envelopeProblem(message)
      if (problem === null) onEnvelope(message as Envelope, () => link.keepLent())
      else link.reject(problem)
    }
  }

  /** Learns who holds which place now, and drops the links to those that were replaced. */
  update(members: readonly Member[]): void {
    this.#holders.clear()
    for (const { place, processor } of members) this.#holders.set(place, processor)
    const living = new Set(this.#holders.values())
    for (const [processor, outgoing] of this.#outgoing) {
      if (living.has(processor)) continue
      this.#outgoing.delete(processor)
      outgoing.drop()
    }
  }

  /** Sends to whoever holds the place; while nobody does, or its link is broken, the frame is lost with it. */
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
    return outgoing === null || outgoing.isOver || (outgoing.isOpen && this.#options.slots.isFreeFor(true))
  }

  /** Resolves when that may have become true. */
  async whenReadyFor(to: Place): Promise<void> {
    await this.#to(to)?.opened
    await this.#options.slots.whenFree(true)
  }

  /**
   * Sends one frame for each item to each place, no faster than they leave; the items' pages are made where the room
   * says. Returns how many items; fewer only if told to stop or cut off from all.
   */
  async sendPaced<Item>(
    places: readonly Place[],
    makeItems: (room: Room) => Iterable<Item>,
    makeEnvelope: (item: Item, part: number, to: Place) => Envelope,
    pacing: Omit<Pacing, 'slots'>,
  ): Promise<number> {
    const { slots } = this.#options
    const opened = await Promise.all(places.map(async (to) => ({ to, link: await this.#to(to)?.opened })))
    const reached = opened.flatMap(({ to, link }) => (link ? [{ to, link }] : []))
    // While the links opened everybody may have gone back, and what the items are made of is no more.
    if (reached.length === 0 || pacing.stop()) return 0
    const makeFrame = (item: Item, part: number, index: number): Envelope =>
      makeEnvelope(item, part, reached[index]!.to)
    return sendPaced(
      reached.map(({ link }) => link),
      makeItems(slots.room),
      makeFrame,
      { ...pacing, slots },
    )
  }

  #to(place: Place): Outgoing | null {
    const processor = this.#holders.get(place)
    if (processor === undefined) return null
    const known = this.#outgoing.get(processor)
    if (known) return known
    const { fabric, folder, own, onUnreachable } = this.#options
    const opening = fabric.connect(join(folder, processorSocket(processor)), { processor: own })
    const outgoing = new Outgoing(opening, (detail) => {
      if (this.#outgoing.get(processor) === outgoing) onUnreachable(processor, detail)
    })
    this.#outgoing.set(processor, outgoing)
    return outgoing
  }
}

/** A link that is open or about to be; what is sent before it is open waits. */
class Outgoing {
  /** Null if nobody answered, or the link was dropped before it was open. */
  readonly opened: Promise<Link | null>
  #link: Link | null = null
  #waiting: Envelope[] = []
  #dropped = false

  constructor(opening: Promise<Link>, onBroken: (detail: string) => void) {
    this.opened = opening.then(
      (link) => this.#use(link, onBroken),
      (error: Error) => {
        const wasWanted = !this.#dropped
        this.drop()
        if (wasWanted) onBroken(error.message)
        return null
      },
    )
  }

  get isOpen(): boolean {
    return this.#link !== null
  }

  /** Whether nobody gets anything by it. */
  get isOver(): boolean {
    return this.#dropped || this.#link?.closed === true
  }

  send(envelope: Envelope): void {
    if (this.#link) this.#link.send(envelope)
    else if (!this.#dropped) this.#waiting.push(envelope)
  }

  drop(): void {
    this.#dropped = true
    this.#waiting = []
    this.#link?.destroy()
  }

  #use(link: Link, onBroken: (detail: string) => void): Link | null {
    if (this.#dropped) {
      link.destroy()
      return null
    }
    this.#link = link
    link.onClose = ({ detail }: LinkEnd) => {
      if (!this.#dropped) onBroken(detail)
    }
    // Nothing comes back on it, but only a link that is read notices its end.
    link.onMessage = () => {}
    for (const envelope of this.#waiting) link.send(envelope)
    this.#waiting = []
    return link
  }
}
