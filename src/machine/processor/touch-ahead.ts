import { type PageRanges, type PagesAhead, split } from '../../memory/index.ts'
import { openToucher, type Toucher } from '../../memory/native/index.ts'
import { readTouchFacts, touchableBytes } from '../limits/touch-room.ts'
import { pageSizeBytes } from '../page-size.ts'
import { programNiceness } from '../program/program-priority.ts'

const tickMs = 10
/** Handed over in one piece: what a virtual machine gets from its host in this time, so that limits are looked at often. */
const portionBytes = 4 * 2 ** 20
/** Below everything that computes. */
const idleNiceness = 20

export interface TouchAheadOptions {
  /** How many processors share the machine. */
  readonly sharers: number
  /** From then on, after the first is known, it is needed soon, in milliseconds; null for never. */
  readonly soonMs: number | null
  /** How much may be touched now. */
  readonly room?: (sharers: number) => number
  /** Null where nothing can be touched ahead. */
  readonly toucher?: Toucher | null
}

/**
 * Has memory touched before it is needed, by threads that take no core from anybody, in portions. Near a limit nothing more
 * is touched: what was to be waits until it is needed, and that holds for whatever fails here.
 */
export class TouchAhead {
  readonly #options: Required<TouchAheadOptions>
  #waiting: PagesAhead[] = []
  #niceness = idleNiceness
  #timer: NodeJS.Timeout | null = null
  #untilSoon: NodeJS.Timeout | null = null

  constructor({ sharers, soonMs, room = roomHere, toucher = openToucher(pageSizeBytes) }: TouchAheadOptions) {
    this.#options = { sharers, soonMs, room, toucher }
  }

  get isPossible(): boolean {
    return this.#options.toucher !== null
  }

  /** `pages` are those of the system, numbered from the beginning of `bytes`. */
  add(bytes: Uint8Array, pages: PageRanges): void {
    if (pages.length === 0 || !this.isPossible) return
    this.#waiting.push({ bytes, pages })
    this.#timer ??= setInterval(() => this.#tick(), tickMs)
    const { soonMs } = this.#options
    if (soonMs !== null) this.#untilSoon ??= setTimeout(() => this.#hurry(), soonMs)
  }

  /** What has not been touched is not needed any more. */
  stop(): void {
    this.#options.toucher?.stop()
    this.#waiting = []
    this.#rest()
  }

  #tick(): void {
    const { toucher, room, sharers } = this.#options
    const [first] = this.#waiting
    if (!first || !toucher) this.#rest()
    else if (!toucher.isBusy())
      this.#hand(toucher, first, Math.floor(Math.min(portionBytes, room(sharers)) / pageSizeBytes))
  }

  #hand(toucher: Toucher, { bytes, pages }: PagesAhead, count: number): void {
    const [portion, left] = split(pages, count)
    if (left.length > 0) this.#waiting[0] = { bytes, pages: left }
    else this.#waiting.shift()
    if (count === 0 || !toucher.touch(bytes, portion, this.#niceness)) this.stop()
  }

  /** From here on it takes as much of the cores as a program's thread, which would have to wait for it. */
  #hurry(): void {
    this.#niceness = programNiceness()
    this.#options.toucher?.hurry(this.#niceness)
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }
}

function roomHere(sharers: number): number {
  return touchableBytes(readTouchFacts(), sharers)
}
