/**
 * A lane beside a link, for long fields between two processes of one computer: the sender's slots are mapped by the
 * receiver, and the frame on the link says in which slot its field lies. So order, fencing and backpressure stay those
 * of the link, and no byte of the field goes through the kernel. Both ends tell each other the news of their lane on
 * the link: the sender offers its arena, the receiver answers whether it could map it, and gives slots back.
 *
 * L6: memory is shared only between processes that are proven to see the same one: under the number of the sender's process the
 * receiver may find another process, on another computer or in another namespace. So what it maps has to hold the nonce of
 * the offer, before it says that it is mapped.
 */
import { isCount, isRecord } from '../base/index.ts'
import { type Arena, type MemorySharing, nonceBytes, type Slot, type SlotPool } from './slot-pool.ts'

/** What the two ends of a lane tell each other. Numbers come off a link: they are checked before they are used. */
export type LaneNews =
  | { readonly offer: Offer }
  /** Answers the offer of that number. */
  | { readonly isMapped: boolean; readonly number: number }
  | { readonly back: readonly number[] }

/** `number` counts the offers of a link from 1: an arena may be given up while the answer to its offer is on its way. */
interface Offer {
  readonly number: number
  readonly pid: number
  readonly descriptor: number
  /** Of all slots and the nonce. */
  readonly bytes: number
  readonly slotBytes: number
  readonly nonce: Uint8Array
}

type TellNews = (news: LaneNews) => void

/** Nobody has more slots than this to offer. */
const arenaBytesMax = 2 ** 30

/** The sender's end of a lane. */
export class OutgoingLane {
  readonly #pool: SlotPool
  readonly #tell: TellNews
  /** The last that was offered. */
  #arena: Arena | null = null
  #offers = 0
  #answers = 0
  #isMapped = false
  readonly #out = new Map<number, Slot>()

  constructor(pool: SlotPool, tell: TellNews) {
    this.#pool = pool
    this.#tell = tell
  }

  /** Whether the peer is still to say if it could map what it was offered. */
  get isAnswerDue(): boolean {
    return this.#answers < this.#offers
  }

  /** Whether the answer to an offer is worth waiting for before a frame leaves; `slot`: where its body lies, if in one. */
  waitsFor(slot: Slot | null): boolean {
    return this.isAnswerDue || (slot !== null && this.#isToBeOffered(slot.arena))
  }

  /** Whether the slot goes by the lane. It is then held until the receiver has given it back. */
  take(slot: Slot): boolean {
    // Once its descriptor is closed, its number may be that of a later arena, and the peer have mapped that one.
    if (slot.arena !== this.#arena || slot.arena.descriptor === null) return false
    if (!this.#isMapped || this.#out.has(slot.index)) return false
    this.#pool.hold(slot)
    this.#out.set(slot.index, slot)
    return true
  }

  /** Asks the receiver to map an arena, once. */
  offer(arena: Arena): void {
    if (!this.#isToBeOffered(arena)) return
    const { buffer, descriptor, slotBytes, nonce } = arena
    this.#arena = arena
    this.#isMapped = false
    this.#offers += 1
    const { byteLength: bytes } = buffer
    this.#tell({ offer: { number: this.#offers, pid: process.pid, descriptor, bytes, slotBytes, nonce } })
  }

  #isToBeOffered(arena: Arena): arena is Arena & { readonly descriptor: number } {
    return arena !== this.#arena && arena.descriptor !== null
  }

  /**
   * Each offer is answered once, in order, and only the last one still counts: its answer comes after all slots of the
   * arena before have come back. Throws Error if the answer cannot be meant.
   */
  noteMapped(isMapped: boolean, number: number): void {
    const isLast = number === this.#offers
    if (number !== this.#answers + 1 || number > this.#offers || (isLast && this.#out.size > 0)) {
      throw new Error('it answers an offer that there is not')
    }
    this.#answers = number
    if (isLast) this.#isMapped = isMapped
  }

  /** Throws Error if one of them is not out. */
  noteBack(indices: readonly number[]): void {
    for (const index of indices) {
      const slot = this.#out.get(index)
      if (!slot) throw new Error(`it gives back slot ${index}, which it does not have`)
      this.#out.delete(index)
      this.#pool.release(slot)
    }
  }

  /**
   * The link is over. A peer that is gone reads no more; one that was only given up may still be at it, and whatever it
   * reads then must be what it was sent.
   */
  end(isPeerGone: boolean): void {
    for (const slot of this.#out.values()) {
      if (!isPeerGone) this.#pool.retire(slot.arena)
      this.#pool.release(slot)
    }
    this.#out.clear()
  }
}

/** The receiver's end of a lane. */
export class IncomingLane {
  readonly #sharing: MemorySharing | null
  readonly #tell: TellNews
  #buffer = new ArrayBuffer(0)
  #slotBytes = 0
  #back: number[] = []
  /** Slots that are still read in. */
  readonly #kept = new Set<number>()

  constructor(sharing: MemorySharing | null, tell: TellNews) {
    this.#sharing = sharing
    this.#tell = tell
  }

  /** Maps what is offered, if it can, in the place of what was offered before. Throws Error if it cannot be meant. */
  noteOffer(what: Readonly<Record<string, unknown>>): void {
    const offer = readOffer(what)
    if (offer === null) throw new Error('it offers what is no memory')
    const { number } = offer
    // Nothing is written any more in what was offered before, whoever still reads there.
    this.#back.push(...this.#kept)
    this.#kept.clear()
    this.#tellBack()
    const buffer = this.#sharing ? mapped(this.#sharing, offer) : null
    this.#buffer = buffer ?? new ArrayBuffer(0)
    this.#slotBytes = buffer ? offer.slotBytes : 0
    this.#tell({ isMapped: buffer !== null, number })
  }

  /** The first `length` bytes in a slot. Throws Error if they do not lie there. */
  view(index: number, length: number): Uint8Array {
    if (length > this.#slotBytes || (index + 1) * this.#slotBytes > this.#buffer.byteLength - nonceBytes) {
      throw new Error(`there are no ${length} bytes in a slot ${index}`)
    }
    return new Uint8Array(this.#buffer, index * this.#slotBytes, length)
  }

  /** Somebody here goes on reading in that slot, until the function that this returns is called. */
  keep(index: number): () => void {
    const buffer = this.#buffer
    this.#kept.add(index)
    return () => {
      if (buffer === this.#buffer && this.#kept.delete(index)) this.giveBack(index)
    }
  }

  /** Nobody here reads in that slot any more. Those of one turn go back together. */
  giveBack(index: number): void {
    this.#back.push(index)
    if (this.#back.length === 1) process.nextTick(() => this.#tellBack())
  }

  #tellBack(): void {
    if (this.#back.length > 0) this.#tell({ back: this.#back })
    this.#back = []
  }
}

/** Null if it cannot be meant. */
function readOffer({
  number,
  pid,
  descriptor,
  bytes,
  slotBytes,
  nonce,
}: Readonly<Record<string, unknown>>): Offer | null {
  if (!isCount(number) || !isCount(pid) || !isCount(descriptor) || !isCount(bytes) || !isCount(slotBytes)) return null
  const isOfSlots = slotBytes > 0 && bytes > nonceBytes && (bytes - nonceBytes) % slotBytes === 0
  if (!isOfSlots || bytes > arenaBytesMax || !(nonce instanceof Uint8Array) || nonce.length !== nonceBytes) return null
  return { number, pid, descriptor, bytes, slotBytes, nonce }
}

/** The memory that is offered; null if it cannot be had, or what is there is other memory. */
function mapped(sharing: MemorySharing, { pid, descriptor, bytes, nonce }: Offer): ArrayBuffer | null {
  try {
    const buffer = sharing.open(pid, descriptor, bytes)
    return Buffer.compare(new Uint8Array(buffer, bytes - nonceBytes), nonce) === 0 ? buffer : null
  } catch {
    return null
  }
}

/** Takes news off a link to the end that they are for. Throws Error if they are none. */
export function noteNews(news: unknown, outgoing: OutgoingLane, incoming: IncomingLane): void {
  const { offer, isMapped, number, back }: Readonly<Record<string, unknown>> = isRecord(news) ? news : {}
  if (isRecord(offer)) incoming.noteOffer(offer)
  else if (typeof isMapped === 'boolean' && isCount(number)) outgoing.noteMapped(isMapped, number)
  else if (Array.isArray(back) && back.every(isCount)) outgoing.noteBack(back)
  else throw new Error('it is no news of a lane')
}
