import type { ProcessSight } from '../../local/process-sight.ts'
import { heartbeatIntervalMs, monotonicMs } from '../../wire/control.ts'
import type { ProcessHandle } from './process-handle.ts'
import type { ProcessorHandle } from './processor-handle.ts'
import { isLost } from './suspicion.ts'

const missedBeatsMax = 3

/** However late everybody is, a processor that says nothing for this long is suspected. */
const silenceMsCap = 3000

/** A processor that is silent for this long and not lost is told of as slow. */
const slowMs = 2000

const lookIntervalMs = heartbeatIntervalMs / 2

/** How much of the longest pause is still remembered at the next look: half of it after seven seconds. */
const memoryPerLook = 0.995

/** What the watch keeps at those it watches over. */
type WatchedOver = Pick<ProcessHandle, 'lastHeardMs' | 'silent'>

export interface SilenceWatchOptions<Handle extends WatchedOver> {
  /** All whose process has not ended. Those that have not beaten yet are of no concern. */
  readonly handles: () => readonly Handle[]
  /** The thread that beats for a processor, as the system sees it; null: nobody knows. */
  readonly sightOf: (handle: Handle) => ProcessSight | null
  /** How often each beats, in milliseconds; as processors do if not given. */
  readonly intervalMs?: number
  /** Whether one that has been silent for so long is lost, where there is another way to look at it than `sightOf`. */
  readonly isLost?: (handle: Handle, silentMs: number) => boolean
  /** It has not beaten for so long, and lives: it waits for a core, or for memory. Told once in a silence. */
  onSlow(handle: Handle, silentMs: number): void
  onSilent(handle: Handle): void
  onHeard(handle: Handle): void
}

/**
 * Notices processors that neither beat nor end: frozen, or cut off. Three beats must be missing. When the computer is
 * so busy that everybody beats late, pauses have to be three times as long as the longest of late (the idea of accrual
 * failure detectors, Hayashibara et al. 2004): what all suffer from is no sign of a loss. A suspect is looked at before
 * it is given up, since it may be the only one that gets no core.
 */
export class SilenceWatch<Handle extends WatchedOver = ProcessorHandle> {
  readonly #options: SilenceWatchOptions<Handle>
  /** How each of the suspects was when it came under suspicion. */
  readonly #suspects = new Map<Handle, ProcessSight | null>()
  /** Suspects that were told of as slow. */
  readonly #slow = new Set<Handle>()
  #timer: NodeJS.Timeout | null = null
  #lookedMs = 0
  #longestPauseMs: number

  constructor(options: SilenceWatchOptions<Handle>) {
    this.#options = options
    this.#longestPauseMs = this.#intervalMs
  }

  get #intervalMs(): number {
    return this.#options.intervalMs ?? heartbeatIntervalMs
  }

  start(): void {
    this.#lookedMs = monotonicMs()
    this.#timer = setInterval(() => this.#look(), lookIntervalMs)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  /** It has been silent for longer than usual, and is looked at. */
  isSuspected(handle: Handle): boolean {
    return this.#suspects.has(handle)
  }

  heard(handle: Handle): void {
    const nowMs = monotonicMs()
    const pauseMs = handle.lastHeardMs === null ? 0 : nowMs - handle.lastHeardMs
    handle.lastHeardMs = nowMs
    this.#absolve(handle)
    if (!handle.silent) {
      this.#longestPauseMs = Math.max(this.#longestPauseMs, pauseMs)
      return
    }
    handle.silent = false
    this.#options.onHeard(handle)
  }

  #look(): void {
    const nowMs = monotonicMs()
    // It was the launcher that slept: beats may lie unread, so everybody gets a full span again.
    const wasAway = nowMs - this.#lookedMs > 2 * heartbeatIntervalMs
    this.#lookedMs = nowMs
    this.#longestPauseMs = Math.max(this.#intervalMs, this.#longestPauseMs * memoryPerLook)
    const silenceMsMax = Math.min(silenceMsCap, missedBeatsMax * this.#longestPauseMs)
    for (const handle of this.#options.handles()) {
      if (handle.silent || handle.lastHeardMs === null) continue
      if (wasAway) handle.lastHeardMs = nowMs
      const silentMs = nowMs - handle.lastHeardMs
      if (silentMs > silenceMsMax && this.#isLost(handle, silentMs, silenceMsMax)) {
        handle.silent = true
        this.#options.onSilent(handle)
      }
    }
  }

  #isLost(handle: Handle, silentMs: number, limitMs: number): boolean {
    const now = this.#options.sightOf(handle)
    if (!this.#suspects.has(handle)) this.#suspects.set(handle, now)
    const first = this.#suspects.get(handle)!
    if (this.#options.isLost?.(handle, silentMs) ?? isLost({ first, now, silentMs, limitMs })) {
      this.#absolve(handle)
      return true
    }
    if (silentMs > slowMs && !this.#slow.has(handle)) {
      this.#slow.add(handle)
      this.#options.onSlow(handle, silentMs)
    }
    return false
  }

  #absolve(handle: Handle): void {
    this.#suspects.delete(handle)
    this.#slow.delete(handle)
  }
}
