import { monotonicMs } from '../wire/control.ts'

/** A launcher that was not heard for so long may give this host up: it does so after 0.3 s, or after 3 s where it has seen long pauses. */
const silenceMsMax = 500

/** One that was not heard for twice as long as it waits itself for who is silent will not come back: what runs here for it is ended. */
const absenceMsMax = 20_000

const lookMs = 100

export interface HearingWatchOptions {
  /** The launcher is heard no more, or again. */
  onChange(isHeard: boolean): void
  /** It will not be heard any more. */
  onGone(): void
}

/**
 * Whether a daemon hears a run's launcher. If not, its processors must not take the daemon's voice for that of the machine:
 * they may have been replaced. Looks are counted rather than time, for whoever sleeps himself hears nobody either.
 */
export class HearingWatch {
  readonly #options: HearingWatchOptions
  #timer: NodeJS.Timeout | null = null
  #lookedMs = 0
  /** How long it has been silent, in the time that this daemon was awake. */
  #silentMs = 0

  constructor(options: HearingWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#lookedMs = monotonicMs()
    // What has come meanwhile is read first.
    this.#timer = setInterval(() => setImmediate(() => this.#look()), lookMs)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  heard(): void {
    const wasSilent = this.#silentMs > silenceMsMax
    this.#silentMs = 0
    if (wasSilent) this.#options.onChange(true)
  }

  #look(): void {
    if (this.#timer === null) return
    const nowMs = monotonicMs()
    const before = this.#silentMs
    this.#silentMs += Math.min(nowMs - this.#lookedMs, 2 * lookMs)
    this.#lookedMs = nowMs
    if (before <= silenceMsMax && this.#silentMs > silenceMsMax) this.#options.onChange(false)
    if (before <= absenceMsMax && this.#silentMs > absenceMsMax) this.#options.onGone()
  }
}
