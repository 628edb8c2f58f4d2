import type { KernelMemory, PageBatch } from '../parity/index.ts'

/** A batch that is put together page by page and leaves with bytes of its own. */
export class OutgoingBatch {
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #coefficient: number
  #numbers: number[] = []
  #sources: number[] = []
  #bases: number[] = []

  constructor(memory: KernelMemory, pageSizeBytes: number, coefficient: number) {
    this.#memory = memory
    this.#pageSizeBytes = pageSizeBytes
    this.#coefficient = coefficient
  }

  get pages(): number {
    return this.#numbers.length
  }

  /** Its content will be coefficient * page at `source` + page at `base`, as they are when the batch leaves. */
  add(page: number, source: number, base = 0): void {
    this.#numbers.push(page)
    this.#sources.push(source)
    this.#bases.push(base)
  }

  /** What was added; the next batch begins empty. */
  leave(): PageBatch {
    const numbers = this.#numbers
    const [sources, bases] = [Uint32Array.from(this.#sources), Uint32Array.from(this.#bases)]
    this.#numbers = []
    this.#sources = []
    this.#bases = []
    return { numbers, bytes: this.#memory.batches.take(sources, bases, this.#coefficient, this.#pageSizeBytes) }
  }
}
