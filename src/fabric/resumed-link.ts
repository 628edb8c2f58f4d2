import {
  beginEpoch,
  createReceiver,
  createSender,
  noteBroken,
  noteHas,
  noteOpened,
  noteSent,
  putFrame,
  type SessionReceiver,
  type SessionSender,
  takeFrame,
  toSend,
} from '../session/index.ts'
import { frameBytes } from './encode-frame.ts'
import type { Hello, Link, LinkEnd } from './link.ts'
import { type Over, type ResumedFrame, resumedFrameProblem } from './resumed-frames.ts'
import type { SessionTiming } from './session-news.ts'
import { unheardEnd } from './unheard.ts'

/** So much is acknowledged at once, so that who waits goes on while there is still something on its way. */
const ackBytes = 64 * 1024

const lowWaterBytes = 256 * 1024

/** What is still to be sent is waited for at an end, unless it is more than this. */
const farewellBytesMax = 64 * 1024

type NumberedFrame = Extract<ResumedFrame, { readonly number: number }>

interface Outgoing {
  readonly message: unknown
  readonly isLast: boolean
}

interface DrainWaiter {
  readonly bytes: number
  readonly resolve: () => void
}

export interface ResumedOptions {
  readonly timing: SessionTiming
  /** The hello of the end that calls; null there itself. */
  readonly peer: Hello | null
  /** The connection is over, and the link is not. */
  onBroken(): void
  /** Nothing is sent or taken any more. */
  onOver(): void
}

/**
 * A link that goes on over one connection after another, in both directions: messages are numbered, kept until the other
 * end has said that it has them, and sent again on the next connection (N1 and N2 of sessions). It ends when one of the ends
 * says so or knows nothing of it any more, and never since a connection broke; but where the other end was not heard even
 * once within twice `downMs`, there is nobody who knows of it.
 *
 * A message that is sent must not change until it is acknowledged. What has come is the owner's: nothing is lent.
 */
export class ResumedLink implements Link {
  readonly peer: Hello | null
  /** Nothing has got through for `downMs`; told once, until `onUp`. The link goes on trying. */
  onDown: ((detail: string) => void) | null = null
  onUp: (() => void) | null = null
  onPartial: (() => void) | null = null
  readonly #options: ResumedOptions
  /** There are no epochs: all is of epoch 0. */
  readonly #sender: SessionSender<Outgoing> = createSender(0)
  readonly #receiver: SessionReceiver = createReceiver()
  readonly #looking: NodeJS.Timeout
  #state: 'open' | 'closing' | 'over' = 'open'
  #link: Link | null = null
  #isPaused = false
  #isKnown = false
  readonly #beganMs = performance.now()
  #frameBytesMax = Number.POSITIVE_INFINITY
  #heardMs = 0
  /** Bytes that came on connections before the one in use. */
  #earlierBytes = 0
  /** Of those on that one, so many had come when it was last said what has come. */
  #saidBytes = 0
  #ackTimer: NodeJS.Timeout | null = null
  #isAckDue = false
  #trouble: { readonly sinceMs: number; readonly detail: string; isTold: boolean } | null = null
  #waiters: DrainWaiter[] = []
  /** What has come and nobody takes yet: then nothing more is read, so it is no more than one read has brought. */
  #inbox: NumberedFrame[] = []
  #isDeliveryDue = false
  #end: LinkEnd | null = null
  #onMessage: ((message: unknown) => void) | null = null
  #onClose: ((end: LinkEnd) => void) | null = null

  constructor(options: ResumedOptions) {
    this.#options = options
    this.peer = options.peer
    const { overdueMs, downMs } = options.timing
    // Whatever has come meanwhile is read first: a thread that was held up for long has its timers before that.
    this.#looking = setInterval(() => setImmediate(() => this.#look()), Math.min(overdueMs, downMs) / 4)
  }

  /** Whether the other end has ever been heard. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** Bytes of messages that the other end has not said it has. So this bounds what is kept. */
  get queuedBytes(): number {
    return this.#sender.keptBytes
  }

  get receivedBytes(): number {
    return this.#earlierBytes + (this.#link?.receivedBytes ?? 0)
  }

  get frameBytesMax(): number {
    return this.#frameBytesMax
  }

  get closed(): boolean {
    return this.#state !== 'open'
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  get onMessage(): ((message: unknown) => void) | null {
    return this.#onMessage
  }

  set onMessage(handler: ((message: unknown) => void) | null) {
    this.#onMessage = handler
    this.#scheduleDelivery()
  }

  get onClose(): ((end: LinkEnd) => void) | null {
    return this.#onClose
  }

  set onClose(handler: ((end: LinkEnd) => void) | null) {
    this.#onClose = handler
    this.#scheduleDelivery()
  }

  keepLent(): null {
    return null
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#scheduleDelivery()
  }

  send(message: unknown): number {
    return this.#state === 'open' ? this.#put({ message, isLast: false }) : 0
  }

  whenDrained(bytes = lowWaterBytes): Promise<void> {
    if (this.isOver || this.queuedBytes <= bytes) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ bytes, resolve }))
  }

  /**
   * Delivers nothing more and sends what is kept, over as many connections as that takes; given up once nothing gets through
   * for `downMs`.
   */
  close(): void {
    if (this.#state !== 'open') return
    this.#put({ message: null, isLast: true })
    this.#state = 'closing'
    this.#inbox = []
    // Whoever was told that nothing gets through waits no longer for it than from now on.
    if (this.#trouble) this.#trouble = { ...this.#trouble, sinceMs: performance.now(), isTold: false }
    this.#goOnReading()
  }

  /** Ends at once; what is kept is lost. The other end hears of it, if there is a connection to tell it on. */
  destroy(): void {
    this.#finish({ kind: 'closed', detail: 'closed by this side' }, { kind: 'ended', detail: 'ended by the peer' })
  }

  reject(reason: string): void {
    this.#finish({ kind: 'damaged', detail: reason }, { kind: 'lost', detail: `the peer takes no more: ${reason}` })
  }

  /** Goes on over this connection; one that was used before is over. */
  use(link: Link): void {
    if (this.isOver) {
      farewell(link, this.#over({ kind: 'ended', detail: 'ended by the peer' }), this.#options.timing.overdueMs)
      return
    }
    this.#leave()
    this.#link = link
    this.#frameBytesMax = link.frameBytesMax
    this.#saidBytes = 0
    this.#heardMs = performance.now()
    if (this.#inbox.length > 0) link.pause()
    link.onClose = ({ detail }) => this.#broke(link, detail)
    link.onMessage = (came) => this.#hear(link, came)
    link.onPartial = () => this.#hearPart(link)
    noteOpened(this.#sender)
    this.#say(false)
    this.#flush()
  }

  /** A connection could not be had. */
  noteTrouble(detail: string): void {
    this.#trouble ??= { sinceMs: performance.now(), detail, isTold: false }
  }

  #put(outgoing: Outgoing): number {
    const { acknowledged, kept, connection } = this.#sender
    const frame = this.#frame(acknowledged + kept.length + 1, outgoing)
    const link = connection === 'open' ? this.#link : null
    const sentBytes = link ? link.send(frame) : 0
    const bytes = sentBytes > 0 ? sentBytes : frameBytes(frame)
    if (bytes > this.#frameBytesMax) {
      throw new RangeError(`a frame of ${bytes} bytes is longer than the ${this.#frameBytesMax} that are allowed`)
    }
    putFrame(this.#sender, outgoing, bytes)
    if (!link) return bytes
    noteSent(this.#sender)
    this.#said()
    return bytes
  }

  #frame(number: number, { message, isLast }: Outgoing): ResumedFrame {
    const { received: has } = this.#receiver
    return isLast ? { has, number, message, isLast } : { has, number, message }
  }

  #over(over: Over): ResumedFrame {
    return { has: this.#receiver.received, over }
  }

  #flush(): void {
    for (const { number, frame } of toSend(this.#sender)) this.#link?.send(this.#frame(number, frame))
  }

  #hear(link: Link, came: unknown): void {
    if (link !== this.#link) return
    const problem = resumedFrameProblem(came)
    if (problem !== null) {
      link.reject(problem)
      return
    }
    const frame = came as ResumedFrame
    this.#isKnown = true
    this.#noteHeard()
    if ('over' in frame) this.#finish(frame.over, null)
    else if (noteHas(this.#sender, 0, frame.has) === null) this.reject('it says that it has what it was never sent')
    else {
      this.#flush()
      if ('number' in frame) this.#take(link, frame)
      else if (frame.asks) this.#say(false)
      this.#wake()
      if (this.#state === 'closing' && this.queuedBytes === 0) this.destroy()
    }
  }

  #take(link: Link, frame: NumberedFrame): void {
    const taken = takeFrame(this.#receiver, 0, frame.number)
    if (taken === 'early') {
      link.reject(`message ${frame.number}, and those before it are missing`)
      return
    }
    this.#ackSoon(link)
    if (taken !== 'next' || this.#state !== 'open') return
    if (this.#inbox.length === 0 && this.#isTaking) this.#deliver(frame)
    else {
      this.#inbox.push(frame)
      link.pause()
    }
  }

  get #isTaking(): boolean {
    return this.#onMessage !== null && !this.#isPaused
  }

  #deliver({ message, isLast }: NumberedFrame): void {
    if (isLast) this.#finish({ kind: 'ended', detail: 'ended by the peer' }, null)
    else this.#onMessage?.(message)
  }

  /** All that was put by has been taken. */
  #goOnReading(): void {
    this.#heardMs = performance.now()
    this.#link?.resume()
  }

  /** A long message may take long to come: that is no silence, and its sender shall see that it comes. */
  #hearPart(link: Link): void {
    if (link !== this.#link) return
    this.#heardMs = performance.now()
    this.#ackLater()
    this.onPartial?.()
  }

  #noteHeard(): void {
    this.#heardMs = performance.now()
    const { onUp } = this
    const isUp = this.#trouble?.isTold === true
    this.#trouble = null
    if (isUp) onUp?.()
  }

  #ackSoon(link: Link): void {
    if (link.receivedBytes - this.#saidBytes < ackBytes) this.#ackLater()
    else if (!this.#isAckDue) {
      this.#isAckDue = true
      process.nextTick(() => {
        if (this.#isAckDue) this.#say(false)
      })
    }
  }

  #ackLater(): void {
    this.#ackTimer ??= setTimeout(() => this.#say(false), this.#options.timing.ackMs)
  }

  /** Says what has come. */
  #say(asks: boolean): void {
    if (this.isOver) return
    this.#link?.send({ has: this.#receiver.received, asks } satisfies ResumedFrame)
    this.#said()
  }

  #said(): void {
    clearTimeout(this.#ackTimer ?? undefined)
    this.#ackTimer = null
    this.#isAckDue = false
    this.#saidBytes = this.#link?.receivedBytes ?? 0
  }

  #broke(link: Link, detail: string): void {
    if (link !== this.#link) return
    this.#leave()
    this.noteTrouble(detail)
    this.#options.onBroken()
  }

  #leave(): void {
    const link = this.#link
    if (!link) return
    this.#link = null
    this.#earlierBytes += link.receivedBytes
    noteBroken(this.#sender)
    link.destroy()
  }

  /** Four times while a connection may be silent: whether it still carries something, in both directions. */
  #look(): void {
    const { timing } = this.#options
    const { overdueMs, downMs } = timing
    const nowMs = performance.now()
    const link = this.#link
    const silentMs = nowMs - this.#heardMs
    const end = this.#isKnown ? null : unheardEnd(nowMs - this.#beganMs, timing, this.#trouble?.detail)
    if (end) this.#finish(end, { kind: 'lost', detail: 'the peer has heard nothing' })
    if (this.isOver) return
    if (link && this.#inbox.length > 0) this.#sayThatItLives(link)
    else if (link && silentMs > overdueMs) this.#broke(link, 'nothing is heard')
    else if (link && silentMs > overdueMs / 2) this.#say(true)
    if (this.#trouble === null || this.#trouble.isTold || nowMs - this.#trouble.sinceMs < downMs) return
    const { detail } = this.#trouble
    this.#trouble.isTold = true
    if (this.#state === 'closing') this.#finish({ kind: 'closed', detail: this.#unsent(detail) }, null)
    else this.onDown?.(detail)
  }

  /** Nothing is read, so nothing can be said of the connection; but the other end shall not take this one for lost. */
  #sayThatItLives(link: Link): void {
    this.#heardMs = performance.now()
    if (link.queuedBytes === 0) this.#say(false)
  }

  #unsent(detail: string): string {
    return `closed by this side, ${this.queuedBytes} bytes unsent: ${detail}`
  }

  /** `over`: what the other end is to be told; null if it knows. */
  #finish(end: LinkEnd, over: Over | null): void {
    if (this.isOver) return
    const link = this.#link
    if (link) {
      link.onClose = link.onMessage = null
      const last = over ? this.#over(over) : { has: this.#receiver.received, asks: false }
      farewell(link, last, this.#options.timing.overdueMs)
    }
    this.#earlierBytes = this.receivedBytes
    this.#link = null
    clearInterval(this.#looking)
    clearTimeout(this.#ackTimer ?? undefined)
    this.#end = this.#state === 'closing' ? { ...end, kind: 'closed' } : end
    this.#state = 'over'
    this.#inbox = []
    beginEpoch(this.#sender, 1)
    this.#wake()
    this.#options.onOver()
    this.#scheduleDelivery()
  }

  #wake(): void {
    if (this.#waiters.length === 0) return
    const waiters = this.#waiters
    const isDone = ({ bytes }: DrainWaiter): boolean => this.isOver || this.queuedBytes <= bytes
    this.#waiters = waiters.filter((waiter) => !isDone(waiter))
    for (const waiter of waiters) if (isDone(waiter)) waiter.resolve()
  }

  #scheduleDelivery(): void {
    if (this.#isDeliveryDue) return
    this.#isDeliveryDue = true
    process.nextTick(() => {
      this.#isDeliveryDue = false
      this.#deliverWaiting()
    })
  }

  #deliverWaiting(): void {
    const wasWaiting = this.#inbox.length > 0
    while (this.#inbox.length > 0 && this.#isTaking) this.#deliver(this.#inbox.shift()!)
    if (this.#inbox.length > 0) return
    if (this.isOver) this.#reportEnd()
    else if (wasWaiting) this.#goOnReading()
  }

  #reportEnd(): void {
    if (!this.#end || !this.#onClose) return
    const end = this.#end
    this.#end = null
    this.#onClose(end)
  }
}

/** Says one thing more on a connection and ends it; one on which that does not get through is not waited for. */
export function farewell(link: Link, frame: ResumedFrame, waitMs: number): void {
  link.onMessage = () => {}
  if (link.queuedBytes > farewellBytesMax) {
    link.destroy()
    return
  }
  link.send(frame)
  link.close()
  setTimeout(() => link.destroy(), waitMs).unref()
}
