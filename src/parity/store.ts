import { assert } from '../base/index.ts'
import { addPages, type OwnPages } from './add-pages.ts'
import { isByte } from './field.ts'
import { type KernelMemory, type KernelModule, kernelMemoryBytesMax } from './kernel-memory.ts'
import { PageTable } from './page-table.ts'
import { assertBatch, type PageBatch } from './pages.ts'
import { freshRoom, type Room } from './room.ts'

const slotsPerChunkMin = 64
const slotsPerChunkMax = 4096

/**
 * What a check processor keeps: the parity, as long as the longest processor, and beside it the delta that gathers for
 * the next checkpoint. A page that is not there is zero.
 */
export class ParityStore {
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #parity = new PageTable()
  readonly #staged = new PageTable()
  readonly #free: number[] = []
  #slots = 0
  #pageEnd = 0

  constructor(kernels: KernelModule, options: { readonly pageSizeBytes: number; readonly maximumBytes?: number }) {
    assert(options.pageSizeBytes > 0 && options.pageSizeBytes % 16 === 0, 'parity: page size is a multiple of 16')
    this.#memory = kernels.create({ maximumBytes: options.maximumBytes ?? kernelMemoryBytesMax })
    this.#pageSizeBytes = options.pageSizeBytes
  }

  /** Bytes of parity and staged delta that are held. */
  get bytes(): number {
    return (this.#parity.size + this.#staged.size) * this.#pageSizeBytes
  }

  get stagedPages(): number {
    return this.#staged.size
  }

  /** One past the last page that the parity may hold. */
  get pageEnd(): number {
    return this.#pageEnd
  }

  /**
   * staged ^= coefficient * batch. Staging the same again undoes it. Throws MemoryLimitError; nothing of it is staged
   * then.
   */
  stage(batch: PageBatch, coefficient = 1): void {
    this.#add(this.#staged, batch, coefficient)
  }

  /**
   * Makes room for `pages` pages in all. What it had to add is returned: whoever touches it, which is to write zeros over
   * zeros in one step, at whatever time, changes nothing. Throws MemoryLimitError.
   */
  reserve(pages: number): Uint8Array[] {
    const added: Uint8Array[] = []
    while (this.#slots < pages) {
      const { start, count } = this.#addSlots(pages - this.#slots)
      added.push(this.#memory.bytes.subarray(start, start + count * this.#pageSizeBytes))
    }
    return added
  }

  /** parity ^= staged; nothing is staged then. */
  applyStaged(): void {
    const both: number[] = []
    for (const page of this.#staged.pages()) {
      if (this.#parity.get(page) === 0) this.#parity.set(page, this.#staged.get(page))
      else both.push(page)
      this.#pageEnd = Math.max(this.#pageEnd, page + 1)
    }
    const targets = Uint32Array.from(both, (page) => this.#parity.get(page))
    const sources = Uint32Array.from(both, (page) => this.#staged.get(page))
    const holds = new Uint8Array(both.length)
    this.#memory.batches.fold(targets, sources, this.#pageSizeBytes, holds)
    for (let i = 0; i < both.length; i += 1) {
      this.#free.push(sources[i]!)
      if (holds[i] === 1) continue
      this.#parity.set(both[i]!, 0)
      this.#free.push(targets[i]!)
    }
    this.#staged.clear()
  }

  /** Forgets what is staged. */
  dropStaged(): void {
    this.#empty(this.#staged)
  }

  /**
   * The staged delta's pages, where `room` says. The store must not be staged to or emptied before the last batch was
   * taken.
   */
  staged(pagesPerBatch: number, room = freshRoom): Generator<PageBatch> {
    return this.#batches(this.#staged, pagesPerBatch, 1, room)
  }

  /**
   * The parity's pages times `coefficient`, without those of zeros. The parity must not change before the last batch
   * was taken.
   */
  pages(pagesPerBatch: number, coefficient = 1): Generator<PageBatch> {
    assertCounts(coefficient)
    return this.#batches(this.#parity, pagesPerBatch, coefficient, freshRoom)
  }

  /**
   * What a link in the chain of a rebuild passes on: incoming + coefficient * the parity's pages with numbers in
   * [first, end). Pages that are zero in the sum are left out. Throws MemoryLimitError.
   */
  addPages(coefficient: number, incoming: PageBatch, first: number, end: number, room = freshRoom): PageBatch {
    assertCounts(coefficient)
    const own: OwnPages = { pageEnd: this.#pageEnd, contents: (from, to) => this.#parity.slice(from, to) }
    return addPages(this.#memory, own, coefficient, incoming, { first, end, pageSizeBytes: this.#pageSizeBytes }, room)
  }

  /**
   * parity ^= batch: the images of all sources, absorbed one after another, make the parity anew. Throws
   * MemoryLimitError; nothing of the batch is absorbed then.
   */
  absorb(batch: PageBatch): void {
    this.#add(this.#parity, batch, 1)
    this.#pageEnd = Math.max(this.#pageEnd, (batch.numbers.at(-1) ?? -1) + 1)
  }

  /** Back to zeros, with nothing staged. */
  clear(): void {
    this.#empty(this.#parity)
    this.#empty(this.#staged)
    this.#pageEnd = 0
  }

  #add(table: PageTable, batch: PageBatch, coefficient: number): void {
    assertCounts(coefficient)
    assertBatch(batch, this.#pageSizeBytes)
    const { numbers } = batch
    while (this.#free.length < numbers.length) this.#addSlots()
    const targets = new Uint32Array(numbers.length)
    const holds = new Uint8Array(numbers.length)
    let taken = 0
    for (let i = 0; i < numbers.length; i += 1) {
      const slot = table.get(numbers[i]!)
      if (slot === 0) taken += 1
      else holds[i] = 1
      targets[i] = slot === 0 ? this.#free.at(-taken)! : slot
    }
    this.#memory.batches.bring(batch.bytes, targets, holds, Uint8Array.of(coefficient))
    this.#free.length -= taken
    for (let i = 0; i < numbers.length; i += 1) {
      table.set(numbers[i]!, holds[i] === 1 ? targets[i]! : 0)
      if (holds[i] === 0) this.#free.push(targets[i]!)
    }
  }

  *#batches(table: PageTable, pagesPerBatch: number, coefficient: number, room: Room): Generator<PageBatch> {
    const pages = table.pages()
    for (let from = 0; from < pages.length; from += pagesPerBatch) {
      const numbers = pages.slice(from, from + pagesPerBatch)
      const sources = new Uint32Array(numbers.length)
      for (let i = 0; i < numbers.length; i += 1) {
        sources[i] = table.get(numbers[i]!)
        assert(sources[i] !== 0, 'parity: pages stay while they are read')
      }
      const bytes = room(numbers.length * this.#pageSizeBytes)
      this.#memory.batches.take(sources, new Uint32Array(sources.length), coefficient, bytes)
      yield { numbers, bytes }
    }
  }

  #empty(table: PageTable): void {
    for (const page of table.pages()) this.#free.push(table.get(page))
    table.clear()
  }

  #addSlots(wanted = Math.max(slotsPerChunkMin, this.#slots)): { readonly start: number; readonly count: number } {
    const count = Math.min(slotsPerChunkMax, wanted)
    const start = this.#memory.allocate(count * this.#pageSizeBytes, this.#pageSizeBytes)
    this.#slots += count
    for (let i = count - 1; i >= 0; i -= 1) this.#free.push(start + i * this.#pageSizeBytes)
    return { start, count }
  }
}

function assertCounts(coefficient: number): void {
  assert(isByte(coefficient) && coefficient !== 0, 'parity: a coefficient is a byte and not 0')
}
