export interface BufferWatchOptions {
  readonly bufferBytes: number
  readonly nowMs: () => number
  /** Bytes of messages that were sent and not consumed; quick. */
  readonly unconsumedBytes: () => number
  /** Bytes of everything that is logged; looks at every entry. */
  readonly loggedBytes: () => number
  /** Bytes of pages that may have changed, as far as is known without looking at them. */
  readonly writtenBytes: () => number
  /** Bytes of changed pages; compares all that may have changed. */
  readonly changedBytes: () => number
}

/** The share of the time that looking closely may take. */
const costShareMax = 0.05
/** A program that has written little may begin to write much: it is looked at once in this time at least. */
const pauseMsMax = 200

/**
 * Finds out whether the checkpoint buffer is full, at a cost that is bounded whatever the size of the memory: it looks
 * again when half of the time has passed in which the buffer would be full, were it filled as fast as since the last look.
 */
export class BufferWatch {
  readonly #options: BufferWatchOptions
  #nextLookMs = 0
  #looked: { readonly atMs: number; readonly bytes: number } | null = null

  constructor(options: BufferWatchOptions) {
    this.#options = options
  }

  /** Whether changed pages and logged messages fill the buffer; false too when it is too early to look again. */
  isFull(): boolean {
    const { bufferBytes, nowMs, unconsumedBytes } = this.#options
    if (unconsumedBytes() >= bufferBytes) return true
    const beganMs = nowMs()
    if (beganMs < this.#nextLookMs) return false
    const bytes = this.#look()
    const endedMs = nowMs()
    const costMs = endedMs - beganMs
    this.#nextLookMs = endedMs + Math.max(costMs / costShareMax, this.#pauseMs(beganMs, bytes))
    this.#looked = { atMs: beganMs, bytes }
    return bytes >= bufferBytes
  }

  /** What fills the buffer, or more where that is not enough either. */
  #look(): number {
    const { bufferBytes, loggedBytes, writtenBytes, changedBytes } = this.#options
    const logged = loggedBytes()
    const atMost = logged + writtenBytes()
    return atMost < bufferBytes ? atMost : logged + changedBytes()
  }

  #pauseMs(nowMs: number, bytes: number): number {
    if (this.#looked === null) return 0
    const { atMs, bytes: before } = this.#looked
    // With less than before, there was a checkpoint in between.
    const grown = bytes >= before ? bytes - before : bytes
    const untilFullMs = ((this.#options.bufferBytes - bytes) * (nowMs - atMs)) / grown
    return grown === 0 ? pauseMsMax : Math.min(pauseMsMax, untilFullMs / 2)
  }
}
