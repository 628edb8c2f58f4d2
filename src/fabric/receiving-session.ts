import { createReceiver, type SessionReceiver, takeFrame } from '../session/index.ts'
import type { Link, LinkEnd } from './link.ts'
import { sessionNews } from './session-news.ts'

/**
 * So much is acknowledged at once: its sender may wait for the memory that it lies in, and has slots for four times as much.
 * An answer costs what reading some 100 KiB does.
 */
const ackBytes = 2 * 1024 * 1024

/** How often a sender hears of what is still lent. */
const lentMs = 250

export interface ReceivingOptions {
  readonly ackMs: number
  /** Why what came is none of the owner's messages; null if it is one. */
  problemWith(message: unknown): string | null
  /** Each message, once and in order, over however many links it took. `keep`: as `Link.keepLent`. */
  onMessage(message: unknown, keep: Link['keepLent']): void
  /** The link in use is over; another one may come. */
  onEnd(end: LinkEnd): void
}

/**
 * The receiver's end of the sessions of one sender: takes the links that the sender opens, one after another, and says
 * on each what it has. A link keeps its order, so frames need not carry their numbers: the sender says with which one
 * it begins, and whenever it goes on with another than the next.
 */
export class ReceivingSession {
  readonly #options: ReceivingOptions
  readonly #state: SessionReceiver = createReceiver()
  #link: Link | null = null
  #attempt = 0
  /** Epoch and number of the next frame on the link; null before the sender has said so. */
  #next: { readonly epoch: number; number: number } | null = null
  /** Of what the link has brought, as far as it is acknowledged. */
  #ackedBytes = 0
  /** Numbers of messages of this epoch of which something is still lent. */
  readonly #lent = new Set<number>()
  #ackTimer: NodeJS.Timeout | null = null
  #isAckDue = false

  constructor(options: ReceivingOptions) {
    this.#options = options
  }

  /** `attempt` counts the links of a sender: one that comes behind a later one was given up by it. */
  accept(link: Link, attempt: number): void {
    if (attempt < this.#attempt) {
      link.destroy()
      return
    }
    // First of all: nothing that the old link still holds is taken once the sender has been told what is here.
    this.#link?.destroy()
    this.#attempt = attempt
    this.#link = link
    this.#next = null
    this.#ackedBytes = 0
    link.onClose = (end) => {
      if (this.#link !== link) return
      this.#link = null
      this.#options.onEnd(end)
    }
    link.onMessage = (message) => this.#take(link, message)
    // Its sender shall see that something gets through, or a long message on a slow network is sent again for ever.
    link.onPartial = () => this.#ackLater()
    this.#acknowledge()
  }

  /** Bytes that have come on the link in use. */
  get receivedBytes(): number {
    return this.#link?.receivedBytes ?? 0
  }

  #take(link: Link, message: unknown): void {
    if (link !== this.#link) return
    const place = Array.isArray(message) ? sessionNews(message, 'at') : null
    if (place) {
      this.#next = { ...place }
      // Its sender may want to know whether it is heard.
      this.#noteTaken(link)
      return
    }
    const problem = this.#options.problemWith(message) ?? (this.#next ? null : 'a message without a number')
    if (problem !== null) {
      link.reject(problem)
      return
    }
    const { epoch, number } = this.#next!
    this.#next!.number += 1
    if (epoch > this.#state.epoch) this.#lent.clear()
    const taken = takeFrame(this.#state, epoch, number)
    if (taken === 'early') link.reject(`message ${number} of epoch ${epoch}, and those before it are missing`)
    else if (taken === 'next') this.#options.onMessage(message, () => this.#keep(link, number))
    this.#noteTaken(link)
  }

  /** Its sender looks after what is lent for as long as it is not acknowledged. */
  #keep(link: Link, number: number): (() => void) | null {
    const giveBack = link.keepLent()
    if (giveBack === null) return null
    this.#lent.add(number)
    const { epoch } = this.#state
    return () => {
      giveBack()
      if (epoch !== this.#state.epoch) return
      this.#lent.delete(number)
      this.#ackSoon()
    }
  }

  #noteTaken({ receivedBytes }: Link): void {
    if (receivedBytes - this.#ackedBytes >= ackBytes) this.#ackSoon()
    else this.#ackLater()
  }

  #ackLater(): void {
    this.#ackTimer ??= setTimeout(() => this.#acknowledge(), this.#options.ackMs).unref()
  }

  #ackSoon(): void {
    if (this.#isAckDue) return
    this.#isAckDue = true
    process.nextTick(() => this.#acknowledge())
  }

  #acknowledge(): void {
    if (this.#ackTimer) clearTimeout(this.#ackTimer)
    this.#ackTimer = null
    this.#isAckDue = false
    if (!this.#link) return
    this.#ackedBytes = this.#link.receivedBytes
    const { epoch, received } = this.#state
    // Its sender shall see that it is slow, and not lost.
    if (this.#lent.size > 0) this.#ackTimer = setTimeout(() => this.#acknowledge(), lentMs).unref()
    this.#link.send(['has', epoch, Math.min(received, ...[...this.#lent].map((number) => number - 1))])
  }
}
