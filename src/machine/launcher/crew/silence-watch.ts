import { heartbeatIntervalMs, monotonicMs } from '../../wire/control.ts'
import type { Hand } from './hand.ts'

const missedBeatsMax = 3

/** However busy the computer is, a processor that says nothing for so long is taken for lost. */
const silenceMsCap = 3000

/** So long may a process take from its start to its first beat. */
const startMsMax = 15_000

const lookIntervalMs = heartbeatIntervalMs / 2

/** How much of the longest pause is still remembered at the next look: half of it after seven seconds. */
const memoryPerLook = 0.995

export interface SilenceWatchOptions {
  /** Those that are expected to beat. */
  readonly hands: () => readonly Hand[]
  onSilent(hand: Hand): void
  onHeard(hand: Hand): void
}

/**
 * Notices processors that neither beat nor end: frozen, or cut off. Three beats must be missing. When the computer is so
 * busy that everybody beats late, pauses have to be three times as long as the longest of late (the idea of accrual
 * failure detectors, Hayashibara et al. 2004): what all suffer from is no sign of a loss.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  #timer: NodeJS.Timeout | null = null
  #lookedMs = 0
  #longestPauseMs = heartbeatIntervalMs

  constructor(options: SilenceWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#lookedMs = monotonicMs()
    this.#timer = setInterval(() => this.#look(), lookIntervalMs)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  heard(hand: Hand): void {
    const nowMs = monotonicMs()
    const pauseMs = hand.lastHeardMs === null ? 0 : nowMs - hand.lastHeardMs
    hand.lastHeardMs = nowMs
    if (!hand.silent) {
      this.#longestPauseMs = Math.max(this.#longestPauseMs, pauseMs)
      return
    }
    hand.silent = false
    this.#options.onHeard(hand)
  }

  #look(): void {
    const nowMs = monotonicMs()
    // It was the launcher that slept: beats may lie unread, so everybody gets a full span again.
    const wasAway = nowMs - this.#lookedMs > 2 * heartbeatIntervalMs
    this.#lookedMs = nowMs
    this.#longestPauseMs = Math.max(heartbeatIntervalMs, this.#longestPauseMs * memoryPerLook)
    const silenceMsMax = Math.min(silenceMsCap, missedBeatsMax * this.#longestPauseMs)
    for (const hand of this.#options.hands()) {
      if (hand.silent) continue
      if (wasAway && hand.lastHeardMs !== null) hand.lastHeardMs = nowMs
      const limitMs = hand.lastHeardMs === null ? startMsMax : silenceMsMax
      if (nowMs - (hand.lastHeardMs ?? hand.startedMs) <= limitMs) continue
      hand.silent = true
      this.#options.onSilent(hand)
    }
  }
}
