import { heartbeatIntervalMs, monotonicMs } from '../control.ts'
import type { Hand } from './crew.ts'

const missedBeatsMax = 3

/** While it captures, a processor cannot beat: its whole memory may have to be compared and copied, at this speed at least. */
const captureBytesPerMs = 1024 * 1024

export interface SilenceWatchOptions {
  /** Those that are expected to beat. */
  readonly hands: () => readonly Hand[]
  /** The most memory that one process has. */
  readonly processBytesMax: number
  onSilent(hand: Hand): void
  onHeard(hand: Hand): void
}

/** Notices processors that neither say anything nor end: frozen, or too busy to beat. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  readonly #silenceMsMax: number
  #timer: NodeJS.Timeout | null = null
  #lookedMs = 0

  constructor(options: SilenceWatchOptions) {
    this.#options = options
    this.#silenceMsMax = missedBeatsMax * heartbeatIntervalMs + options.processBytesMax / captureBytesPerMs
  }

  start(): void {
    this.#lookedMs = monotonicMs()
    this.#timer = setInterval(() => this.#look(), heartbeatIntervalMs / 2)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  heard(hand: Hand): void {
    hand.lastHeardMs = monotonicMs()
    if (!hand.silent) return
    hand.silent = false
    this.#options.onHeard(hand)
  }

  #look(): void {
    const nowMs = monotonicMs()
    // It was the launcher that slept: beats may lie unread, so everybody gets a full span again.
    const wasAway = nowMs - this.#lookedMs > 2 * heartbeatIntervalMs
    this.#lookedMs = nowMs
    for (const hand of this.#options.hands()) {
      if (!hand.link || hand.silent) continue
      if (wasAway) hand.lastHeardMs = nowMs
      if (nowMs - hand.lastHeardMs <= this.#silenceMsMax) continue
      hand.silent = true
      this.#options.onSilent(hand)
    }
  }
}
