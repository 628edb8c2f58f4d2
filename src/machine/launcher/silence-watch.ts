import { heartbeatIntervalMs, monotonicMs } from '../control.ts'
import type { Hand } from './crew.ts'

const missedBeatsMax = 3

const silenceMsMax = missedBeatsMax * heartbeatIntervalMs

export interface SilenceWatchOptions {
  /** Those that are expected to beat. */
  readonly hands: () => readonly Hand[]
  onSilent(hand: Hand): void
  onHeard(hand: Hand): void
}

/** Notices processors that neither say anything nor end: frozen, or cut off. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  #timer: NodeJS.Timeout | null = null
  #lookedMs = 0

  constructor(options: SilenceWatchOptions) {
    this.#options = options
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
      if (hand.lastHeardMs === null || hand.silent) continue
      if (wasAway) hand.lastHeardMs = nowMs
      if (nowMs - hand.lastHeardMs <= silenceMsMax) continue
      hand.silent = true
      this.#options.onSilent(hand)
    }
  }
}
