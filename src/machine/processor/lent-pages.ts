import type { PageBatch } from '../../parity/index.ts'
import type { Frame } from '../../protocol/index.ts'

/**
 * The pages of a frame that is being handled: they lie in memory that is used again afterwards. Pages that are still needed
 * then, since the state machine keeps the frame for later, are copied.
 */
export class LentPages {
  readonly #batch: PageBatch | null
  #isUsed = false

  constructor(frame: Frame) {
    this.#batch = 'batch' in frame ? frame.batch : null
  }

  /** An effect needs these pages no more. */
  noteUsed(batch: PageBatch): void {
    if (batch === this.#batch) this.#isUsed = true
  }

  /** The frame has been handled, or put aside. */
  end(): void {
    if (this.#batch && !this.#isUsed) Object.assign(this.#batch, { bytes: this.#batch.bytes.slice() })
  }
}
