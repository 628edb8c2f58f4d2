import type { ChecksumTable, KernelMemory, PageBatch, Room } from '../parity/index.ts'

/** A batch that is put together page by page. */
export class OutgoingBatch {
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #coefficient: number
  readonly #numbers: Uint32Array
  readonly #sources: Uint32Array
  readonly #bases: Uint32Array
  #pages = 0

  constructor(memory: KernelMemory, pageSizeBytes: number, options: { pagesMax: number; coefficient: number }) {
    this.#memory = memory
    this.#pageSizeBytes = pageSizeBytes
    this.#coefficient = options.coefficient
    this.#numbers = new Uint32Array(options.pagesMax)
    this.#sources = new Uint32Array(options.pagesMax)
    this.#bases = new Uint32Array(options.pagesMax)
  }

  get isEmpty(): boolean {
    return this.#pages === 0
  }

  get isFull(): boolean {
    return this.#pages === this.#numbers.length
  }

  /** Its content will be coefficient * page at `source` + page at `base`, as they are when the batch leaves. */
  add(page: number, source: number, base = 0): void {
    this.#numbers[this.#pages] = page
    this.#sources[this.#pages] = source
    this.#bases[this.#pages] = base
    this.#pages += 1
  }

  /** Counts in `sums` that each page at a base has become that at the source. */
  countIn(sums: ChecksumTable): void {
    const numbers = this.#numbers.subarray(0, this.#pages)
    sums.toggle(numbers, this.#bases.subarray(0, this.#pages))
    sums.toggle(numbers, this.#sources.subarray(0, this.#pages))
  }

  /** What was added, as a batch in memory that `room` gives; the next one begins empty. */
  leave(room: Room): PageBatch {
    const pages = this.#pages
    this.#pages = 0
    const bytes = room(pages * this.#pageSizeBytes)
    const [sources, bases] = [this.#sources.subarray(0, pages), this.#bases.subarray(0, pages)]
    this.#memory.batches.take(sources, bases, this.#coefficient, bytes)
    return { numbers: Array.from(this.#numbers.subarray(0, pages)), bytes }
  }

  /** Forgets what was added. */
  clear(): void {
    this.#pages = 0
  }
}
