import type { Socket } from 'node:net'
import { type EncodedFrame, encodeFrame, encodeNews, inSlot, lending } from './encode-frame.ts'
import { FrameDecoder, lendingAlone } from './frame-decoder.ts'
import { HeldFrames } from './held-frames.ts'
import { IncomingLane, noteNews, OutgoingLane } from './lanes.ts'
import type { Hello, Link, LinkEnd } from './link.ts'
import { SendQueue } from './send-queue.ts'
import type { Slot, SlotPool } from './slot-pool.ts'

/** Most bytes that one write carries, so that `queuedBytes` follows what the kernel takes. */
const writeBytesMax = 1024 * 1024

const lowWaterBytes = 256 * 1024

interface DrainWaiter {
  readonly bytes: number
  readonly resolve: () => void
}

/** A link over any connected Node socket. */
export class SocketLink implements Link {
  peer: Hello | null = null
  onPartial: (() => void) | null = null
  readonly #socket: Socket
  readonly #decoder: FrameDecoder
  readonly #queue = new SendQueue()
  #state: 'open' | 'closing' | 'over' = 'open'
  /** Bytes in the queue and of the write that is under way. */
  #queuedBytes = 0
  #receivedBytes = 0
  /** Bytes of the write that the kernel has not taken in full; one write at a time. */
  #writingBytes = 0
  #flushIsDue = false
  #pool: SlotPool | null = null
  #outgoing: OutgoingLane | null = null
  #held: HeldFrames | null = null
  /** Slots whose bytes go through the socket, with the bytes that are then still queued. */
  #borrowed: { readonly slot: Slot; left: number }[] = []
  #waiters: DrainWaiter[] = []
  /** Messages that were decoded while nobody took any: at most what one chunk held. */
  #inbox: unknown[] = []
  #deliveryIsDue = false
  #isPaused = false
  #end: LinkEnd | null = null
  #onMessage: ((message: unknown) => void) | null = null
  #onClose: ((end: LinkEnd) => void) | null = null

  constructor(socket: Socket, frameBytesMax: number) {
    this.#socket = socket
    this.#decoder = new FrameDecoder(frameBytesMax, (message) => this.#receive(message))
    socket.pause()
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.#peerEnded())
    socket.on('error', (error) => this.#over({ kind: 'lost', detail: `connection lost: ${error.message}` }))
    socket.on('close', () => this.#over({ kind: 'lost', detail: 'connection lost' }))
  }

  get queuedBytes(): number {
    return this.#queuedBytes + (this.#held?.bytes ?? 0)
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  get closed(): boolean {
    return this.#state !== 'open'
  }

  get frameBytesMax(): number {
    return this.#decoder.frameBytesMax
  }

  /** Longest frame that is sent or accepted from now on. */
  set frameBytesMax(bytes: number) {
    this.#decoder.frameBytesMax = bytes
  }

  /**
   * Long fields are made in slots of this pool, and lent. `isLocal`: they go by a lane beside the link, to and from whoever
   * has a pool too; else through the socket.
   */
  useSlots(pool: SlotPool, isLocal: boolean): void {
    this.#pool = pool
    const takesNow = (): boolean => this.#takesNow
    if (isLocal) this.#useLane(pool, takesNow)
    else this.#decoder.borrower = lendingAlone(takesNow)
  }

  #useLane(pool: SlotPool, takesNow: () => boolean): void {
    const outgoing = new OutgoingLane(pool, (news) => this.#enqueue(encodeNews(news)))
    const incoming = new IncomingLane(pool.sharing, (news) => this.#enqueue(encodeNews(news)))
    this.#outgoing = outgoing
    this.#held = new HeldFrames(pool)
    this.#decoder.borrower = {
      get takesNow() {
        return takesNow()
      },
      view: (slot, length) => {
        this.#receivedBytes += length
        return incoming.view(slot, length)
      },
      giveBack: (slot) => incoming.giveBack(slot),
      keep: (slot) => incoming.keep(slot),
      noteNews: (news) => {
        noteNews(news, outgoing, incoming)
        if (!outgoing.isAnswerDue) this.#sendHeld()
      },
    }
  }

  get onMessage(): ((message: unknown) => void) | null {
    return this.#onMessage
  }

  set onMessage(handler: ((message: unknown) => void) | null) {
    this.#onMessage = handler
    if (!handler) this.#sendHeld()
    this.#scheduleDelivery()
  }

  keepLent(): (() => void) | null {
    return this.#decoder.keepLent()
  }

  get onClose(): ((end: LinkEnd) => void) | null {
    return this.#onClose
  }

  set onClose(handler: ((end: LinkEnd) => void) | null) {
    this.#onClose = handler
    this.#scheduleDelivery()
  }

  send(message: unknown): number {
    if (this.#state !== 'open') return 0
    const frame = encodeFrame(message)
    const bytes = frame.head.length + (frame.body ? frame.body.length : 0)
    if (bytes > this.#decoder.frameBytesMax) {
      throw new RangeError(
        `a frame of ${bytes} bytes is longer than the ${this.#decoder.frameBytesMax} that are allowed`,
      )
    }
    const slot = frame.body && this.#pool ? this.#pool.slotOf(frame.body) : null
    if (this.#isRead && this.#outgoing?.waitsFor(slot)) this.#held!.add(frame, slot)
    else this.#sendNow(frame, slot)
    // Last, since it is encoded where the frame's head was.
    if (slot) this.#outgoing?.offer(slot.arena)
    return bytes
  }

  /** The answer has come, or none is read from here on. */
  #sendHeld(): void {
    this.#held?.release((frame, slot) => this.#sendNow(frame, slot))
    this.#wakeWaiters()
  }

  #sendNow(frame: EncodedFrame, slot: Slot | null): void {
    if (!slot) this.#enqueue(frame)
    else if (this.#outgoing?.take(slot)) this.#enqueue(inSlot(frame, slot.index))
    else this.#enqueueBorrowed(frame, slot)
  }

  /** Where there is no lane for it, the slot is held until the socket has taken its bytes. */
  #enqueueBorrowed(frame: EncodedFrame, slot: Slot): void {
    this.#pool!.hold(slot)
    this.#enqueue(lending(frame))
    this.#borrowed.push({ slot, left: this.#queuedBytes })
  }

  #enqueue(frame: EncodedFrame): void {
    if (this.#state !== 'open') return
    this.#queue.add(frame)
    this.#queuedBytes += frame.head.length + (frame.body ? frame.body.length : 0)
    if (this.#flushIsDue || this.#writingBytes > 0) return
    this.#flushIsDue = true
    process.nextTick(() => {
      this.#flushIsDue = false
      this.#write()
    })
  }

  whenDrained(bytes = lowWaterBytes): Promise<void> {
    if (this.#state === 'over' || this.queuedBytes <= bytes) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ bytes, resolve }))
  }

  pause(): void {
    this.#isPaused = true
    this.#sendHeld()
    // One that is closing is read to its end.
    if (this.#state === 'open') this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#scheduleDelivery()
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#sendHeld()
    this.#state = 'closing'
    this.#inbox = []
    // What the peer still sends is read and dropped: with unread bytes left, the kernel would reset the connection.
    this.#socket.resume()
    if (this.queuedBytes === 0) this.#socket.end()
  }

  destroy(): void {
    this.#inbox = []
    this.#over({ kind: 'closed', detail: 'closed by this side' })
    this.#scheduleDelivery()
  }

  reject(reason: string): void {
    this.#inbox = []
    this.#over({ kind: 'damaged', detail: reason })
    this.#scheduleDelivery()
  }

  #write(): void {
    if (this.#state === 'over' || this.#writingBytes > 0) return
    const pieces = this.#queue.take(writeBytesMax)
    const last = pieces.pop()
    if (!last) return
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, last.length)
    this.#writingBytes = bytes
    const written = (error?: Error | null): void => {
      if (!error) this.#written(bytes)
    }
    // Gathering is for several: a small frame alone, as in an answer, leaves at once.
    if (pieces.length > 0) this.#socket.cork()
    for (const piece of pieces) this.#socket.write(piece)
    this.#socket.write(last, written)
    if (pieces.length > 0) this.#socket.uncork()
  }

  #written(bytes: number): void {
    if (this.#state === 'over') return
    this.#writingBytes = 0
    this.#queuedBytes -= bytes
    if (this.#borrowed.length > 0) this.#releaseWritten(bytes)
    this.#write()
    if (this.#state === 'closing' && this.queuedBytes === 0) this.#socket.end()
    this.#wakeWaiters()
  }

  #releaseWritten(bytes: number): void {
    for (const borrowed of this.#borrowed) borrowed.left -= bytes
    while (this.#borrowed.length > 0 && this.#borrowed[0]!.left <= 0) this.#pool!.release(this.#borrowed.shift()!.slot)
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return
    const waiters = this.#waiters
    this.#waiters = waiters.filter(({ bytes }) => this.queuedBytes > bytes)
    for (const { bytes, resolve } of waiters) if (this.queuedBytes <= bytes) resolve()
  }

  #read(chunk: Buffer): void {
    if (this.#state !== 'open') return
    this.#receivedBytes += chunk.length
    this.#decoder.push(chunk)
    const { damage } = this.#decoder
    if (damage !== null) this.#over({ kind: 'damaged', detail: damage })
    else if (this.#decoder.insideFrame) this.onPartial?.()
    if (this.#inbox.length > 0) this.#socket.pause()
  }

  get #isRead(): boolean {
    return this.#onMessage !== null && !this.#isPaused
  }

  get #takesNow(): boolean {
    return this.#isRead && this.#inbox.length === 0
  }

  #receive(message: unknown): void {
    if (this.#state !== 'open') return
    if (this.#takesNow) this.#onMessage!(message)
    else this.#inbox.push(message)
  }

  #peerEnded(): void {
    if (this.#decoder.insideFrame) this.#over({ kind: 'lost', detail: 'the peer ended inside a frame' })
    else this.#over({ kind: 'ended', detail: 'ended by the peer' })
  }

  /** The first reason counts: what the socket says after it is only its echo. */
  #over(end: LinkEnd): void {
    if (this.#state === 'over') return
    const detail =
      this.queuedBytes > 0 ? `closed by this side, ${this.queuedBytes} bytes unsent` : 'closed by this side'
    this.#end = this.#state === 'closing' ? { kind: 'closed', detail } : end
    this.#state = 'over'
    this.#queue.clear()
    this.#queuedBytes = 0
    this.#held?.release(() => {})
    this.#outgoing?.end(this.#end.kind === 'ended' || this.#end.kind === 'lost')
    for (const { slot } of this.#borrowed) this.#pool!.release(slot)
    this.#borrowed = []
    this.#wakeWaiters()
    this.#socket.destroy()
    this.#scheduleDelivery()
  }

  #scheduleDelivery(): void {
    if (this.#deliveryIsDue) return
    this.#deliveryIsDue = true
    process.nextTick(() => {
      this.#deliveryIsDue = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (this.#inbox.length > 0 && this.#onMessage && !this.#isPaused) this.#onMessage(this.#inbox.shift())
    if (this.#inbox.length > 0) return
    if (this.#state === 'over') this.#reportEnd()
    else if (this.#state === 'open' && this.#onMessage && !this.#isPaused) this.#socket.resume()
  }

  #reportEnd(): void {
    if (!this.#end || !this.#onClose) return
    const end = this.#end
    this.#end = null
    this.#onClose(end)
  }
}
