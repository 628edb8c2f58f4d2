import { setTimeout as delay } from 'node:timers/promises'
import {
  beginEpoch,
  createSender,
  excessBytes,
  isAtRest,
  type Kept,
  noteBroken,
  noteHas,
  noteOpened,
  noteSent,
  putFrame,
  type SessionSender,
  toSend,
} from '../session/index.ts'
import { bodyOf, frameBytes, replaceBody } from './encode-frame.ts'
import type { Link } from './link.ts'
import type { PacedEnd } from './send-paced.ts'
import { type SessionTiming, sessionNews } from './session-news.ts'
import type { Slot, SlotPool } from './slot-pool.ts'

/** So much may be on its way to the receiver and not acknowledged before those who can wait do so. */
const windowBytes = 8 * 1024 * 1024

/** A message of a session says in which epoch it was sent. */
export interface SessionMessage {
  readonly epoch: number
}

export interface SendingOptions {
  readonly timing: SessionTiming
  /** Where long fields are made; null for nowhere. */
  readonly slots: SlotPool | null
  /** The receiver is on another computer, so it maps none of the slots; false if not given. */
  readonly isRemote?: boolean
  /** Opens a link to the receiver; `attempt` counts them. Throws Error, with a `cause` that has the system's code. */
  connect(attempt: number): Promise<Link>
  /** Nothing got through for longer than the timing says; told once, until `onUp`. */
  onDown(detail: string): void
  onUp(): void
}

interface Outgoing {
  readonly message: SessionMessage
  /** Where its long field lies; it is held for as long as the message is kept. */
  slot: Slot | null
}

/**
 * The sender's end of the sessions to one receiver: opens links, one after another, for as long as it is wanted, keeps what
 * is not acknowledged, and sends it again on a new link when one breaks or says nothing more.
 */
export class SendingSession implements PacedEnd {
  readonly #options: SendingOptions
  readonly #state: SessionSender<Outgoing> = createSender(0)
  /** Runs only while something may be overdue. */
  #looking: NodeJS.Timeout | null = null
  #link: Link | null = null
  #attempt = 0
  #isDropped = false
  /** The last attempt to connect has found that nobody is there any more. */
  #isGone = false
  /** What the receiver expects next on this link, as far as it was told. */
  #next = { epoch: 0, number: 0 }
  #heardMs = 0
  #trouble: { readonly sinceMs: number; readonly detail: string; isTold: boolean } | null = null
  #waiters: (() => void)[] = []

  constructor(options: SendingOptions) {
    this.#options = options
    this.#lookOut()
    void this.#connect()
  }

  /** Whether what is sent now leaves now. */
  get isOpen(): boolean {
    return this.#state.connection === 'open'
  }

  get closed(): boolean {
    return this.#isDropped
  }

  /** Bytes that count against those who can wait: what the kernel has not taken, and what is on its way beyond the window. */
  get queuedBytes(): number {
    return Math.max(this.isOpen ? (this.#link?.queuedBytes ?? 0) : 0, excessBytes(this.#state, windowBytes))
  }

  /** Keeps the message until it is acknowledged. What is of an older epoch than one before counts no more. */
  send(message: SessionMessage): void {
    if (this.#isDropped || message.epoch < this.#state.epoch) return
    this.beginEpoch(message.epoch)
    const slot = this.#slotOf(message)
    if (!this.isOpen || !this.#link) {
      putFrame(this.#state, { message, slot }, frameBytes(message))
      return
    }
    this.#placeAt(this.#state.acknowledged + this.#state.kept.length + 1)
    if (this.#state.kept.length === 0) this.#lookOut()
    putFrame(this.#state, { message, slot }, this.#link.send(message))
    noteSent(this.#state)
  }

  #slotOf(message: SessionMessage): Slot | null {
    const { slots } = this.#options
    if (!slots?.isMaking) return null
    const body = bodyOf(message)
    const slot = body && slots.slotOf(body)
    if (slot) slots.hold(slot)
    return slot
  }

  /** Bytes that have come on the link in use. */
  get receivedBytes(): number {
    return this.#link?.receivedBytes ?? 0
  }

  /** Has the receiver say what it has, if there is a link. */
  ask(): void {
    const { epoch, acknowledged, kept } = this.#state
    if (this.isOpen) this.#link?.send(['at', epoch, acknowledged + kept.length + 1])
  }

  /** What is kept of older epochs counts no more; whoever waits is woken. */
  beginEpoch(epoch: number): void {
    if (epoch <= this.#state.epoch) return
    this.#letGo(beginEpoch(this.#state, epoch))
    this.#wake()
  }

  /** Resolves when at most `bytes` (256 KiB if not given) are queued on an open link, or nothing is sent any more; or earlier. */
  async whenDrained(bytes = 256 * 1024): Promise<void> {
    const { epoch } = this.#state
    while (!this.#isDropped && this.#state.epoch === epoch && (!this.isOpen || this.queuedBytes > bytes)) {
      const change = new Promise<void>((resolve) => this.#waiters.push(resolve))
      const link = this.#link
      await (link && this.isOpen && link.queuedBytes > bytes ? Promise.race([link.whenDrained(bytes), change]) : change)
    }
  }

  /** The receiver is to be reached another way from now on: what is not acknowledged is sent again on that. */
  reconnect(why: string): void {
    const link = this.#link
    if (!link) return
    this.#broke(link, why)
    link.destroy()
  }

  /** The receiver was given up: nothing is kept any more, and no link opened. */
  drop(): void {
    if (this.#isDropped) return
    this.#isDropped = true
    this.#lookAway()
    const link = this.#link
    this.#link = null
    link?.destroy()
    this.#letGo(beginEpoch(this.#state, this.#state.epoch + 1), link !== null)
    this.#wake()
  }

  async #connect(): Promise<void> {
    const { connect, timing } = this.#options
    while (!this.#isDropped) {
      this.#attempt += 1
      try {
        this.#use(await connect(this.#attempt))
        return
      } catch (error) {
        const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException }
        this.#isGone = cause?.code === 'ECONNREFUSED' || cause?.code === 'ENOENT'
        this.#noteTrouble(message)
        await delay(timing.retryMs, undefined, { ref: false })
      }
    }
  }

  #use(link: Link): void {
    if (this.#isDropped) {
      link.destroy()
      return
    }
    this.#link = link
    this.#isGone = false
    this.#next = { epoch: 0, number: 0 }
    this.#heardMs = performance.now()
    link.onClose = ({ detail }) => this.#broke(link, detail)
    link.onMessage = (message) => this.#hear(link, message)
    noteOpened(this.#state)
    this.#flush()
  }

  #hear(link: Link, message: unknown): void {
    if (link !== this.#link) return
    const has = sessionNews(message, 'has')
    const done = has && noteHas(this.#state, has.epoch, has.number)
    if (!done) {
      link.reject('it says that it has what it was never sent')
      return
    }
    this.#heardMs = performance.now()
    if (this.#trouble?.isTold) this.#options.onUp()
    this.#trouble = null
    this.#letGo(done)
    this.#flush()
  }

  #flush(): void {
    for (const { number, frame } of toSend(this.#state)) {
      this.#placeAt(number)
      this.#link?.send(frame.message)
    }
    this.#wake()
  }

  /** The receiver counts the messages on a link; where they do not go on with the next it is told. */
  #placeAt(number: number): void {
    const { epoch } = this.#state
    if (this.#next.epoch !== epoch || this.#next.number !== number) this.#link?.send(['at', epoch, number])
    this.#next = { epoch, number: number + 1 }
  }

  #broke(link: Link, detail: string): void {
    if (link !== this.#link) return
    this.#link = null
    noteBroken(this.#state)
    this.#lookOut()
    this.#noteTrouble(detail)
    void this.#connect()
  }

  #noteTrouble(detail: string): void {
    this.#trouble ??= { sinceMs: performance.now(), detail, isTold: false }
  }

  /** From now on something is waited for. */
  #lookOut(): void {
    this.#heardMs = performance.now()
    const { overdueMs, downMs } = this.#options.timing
    // Whatever has come meanwhile is read first: a thread that was held up for long has its timers before that.
    const look = (): NodeJS.Immediate => setImmediate(() => this.#check())
    this.#looking ??= setInterval(look, Math.min(overdueMs, downMs) / 4).unref()
  }

  #lookAway(): void {
    clearInterval(this.#looking ?? undefined)
    this.#looking = null
  }

  #check(): void {
    if (this.#isDropped) return
    const isResting = isAtRest(this.#state)
    if (isResting && !this.#trouble) {
      this.#lookAway()
      return
    }
    const nowMs = performance.now()
    const { overdueMs, downMs } = this.#options.timing
    const link = this.#link
    if (link && !isResting && nowMs - this.#heardMs > overdueMs) {
      this.#broke(link, 'nothing is acknowledged')
      link.destroy()
    }
    if (!this.#trouble) return
    if (!this.#link) this.#copyOut()
    if (this.#trouble.isTold || nowMs - this.#trouble.sinceMs < downMs) return
    this.#trouble.isTold = true
    this.#options.onDown(this.#trouble.detail)
  }

  /** Others need the slots, and it may be long until somebody can say whether the receiver has what is in them. */
  #copyOut(): void {
    const { slots, isRemote = false } = this.#options
    for (const { frame } of this.#state.kept) {
      const { slot, message } = frame
      if (!slot || !slots) continue
      const body = bodyOf(message)
      if (body && slots.slotOf(body) === slot) replaceBody(message, body.slice())
      if (!isRemote) slots.retire(slot.arena)
      slots.release(slot)
      frame.slot = null
    }
  }

  /** Nothing of these is sent again. Without a link, the receiver may be reading them still where it has mapped them. */
  #letGo(frames: readonly Kept<Outgoing>[], wasLinked = this.#link !== null): void {
    const { slots, isRemote = false } = this.#options
    if (!slots) return
    for (const { frame } of frames) {
      if (!frame.slot) continue
      if (!wasLinked && !this.#isGone && !isRemote) slots.retire(frame.slot.arena)
      slots.release(frame.slot)
      frame.slot = null
    }
  }

  #wake(): void {
    const waiters = this.#waiters
    if (waiters.length === 0) return
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}
