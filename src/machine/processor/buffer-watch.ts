import { monotonicMs } from '../wire/control.ts'

/** The share of the time that looking closely may take. */
const costShareMax = 0.05

export interface BufferWatchOptions {
  readonly bufferBytes: number
  /** Bytes of messages that were sent and not consumed; quick. */
  readonly unconsumedBytes: () => number
  /** Bytes of everything that is logged; looks at every entry. */
  readonly loggedBytes: () => number
  /** Bytes of changed pages; compares the whole memory. */
  readonly changedBytes: () => number
}

/** Finds out whether the checkpoint buffer is full, at a cost that is bounded whatever the size of the memory. */
export class BufferWatch {
  readonly #options: BufferWatchOptions
  #nextLookMs = 0

  constructor(options: BufferWatchOptions) {
    this.#options = options
  }

  /** Whether changed pages and logged messages fill the buffer; false too when it is too early to look again. */
  isFull(): boolean {
    const { bufferBytes, unconsumedBytes, loggedBytes, changedBytes } = this.#options
    if (unconsumedBytes() >= bufferBytes) return true
    const beganMs = monotonicMs()
    if (beganMs < this.#nextLookMs) return false
    const logged = loggedBytes()
    const isFull = logged + changedBytes() >= bufferBytes
    const endedMs = monotonicMs()
    this.#nextLookMs = endedMs + (endedMs - beganMs) / costShareMax
    return isFull
  }
}
