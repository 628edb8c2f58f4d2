import { monotonicMs } from '../control.ts'

/** Looking costs a comparison of the whole memory; it may take this share of the time. */
const costShareMax = 0.05

export interface BufferWatchOptions {
  readonly bufferBytes: number
  /** Bytes of changed pages; slow. */
  readonly changedBytes: () => number
  /** Bytes of logged messages; quick. */
  readonly loggedBytes: () => number
  /** The most that `changedBytes` can be: where that fits the buffer it need not be asked. */
  readonly memoryBytes: number
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
    const { bufferBytes, changedBytes, loggedBytes, memoryBytes } = this.#options
    const logged = loggedBytes()
    if (logged >= bufferBytes) return true
    if (logged + memoryBytes <= bufferBytes) return false
    const beganMs = monotonicMs()
    if (beganMs < this.#nextLookMs) return false
    const isFull = logged + changedBytes() >= bufferBytes
    const endedMs = monotonicMs()
    this.#nextLookMs = endedMs + (endedMs - beganMs) / costShareMax
    return isFull
  }
}
