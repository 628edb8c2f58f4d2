import { assert } from '../base/index.ts'
import { type KernelMemory, type KernelModule, kernelMemoryBytesMax } from './kernel-memory.ts'
import type { PageBatch } from './pages.ts'

/** Pages by number, each in a slot of the kernel memory. */
type Slots = Map<number, number>

const slotsPerChunkMin = 64
const slotsPerChunkMax = 4096

/**
 * What a check processor keeps: the parity, as long as the longest processor, and beside it the delta that gathers for
 * the next checkpoint. A page that is not there is zero.
 */
export class ParityStore {
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #parity: Slots = new Map()
  readonly #staged: Slots = new Map()
  readonly #free: number[] = []
  #slots = 0
  #scratch = 0
  #scratchPages = 0

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

  /** staged ^= batch. Staging the same batch again undoes it. Throws MemoryLimitError; nothing of it is staged then. */
  stage(batch: PageBatch): void {
    this.#add(this.#staged, batch)
  }

  /** parity ^= staged; nothing is staged then. */
  applyStaged(): void {
    for (const [page, staged] of this.#staged) {
      const parity = this.#parity.get(page)
      if (parity === undefined) {
        this.#parity.set(page, staged)
        continue
      }
      this.#memory.xor(parity, parity, staged, this.#pageSizeBytes)
      this.#free.push(staged)
      this.#dropIfZero(this.#parity, page, parity)
    }
    this.#staged.clear()
  }

  /** Forgets what is staged. */
  dropStaged(): void {
    this.#empty(this.#staged)
  }

  /** The staged delta's pages. The store must not be staged to or emptied before the last batch was taken. */
  staged(pagesPerBatch: number): Generator<PageBatch> {
    return this.#batches(this.#staged, pagesPerBatch)
  }

  /** The parity's pages, without those of zeros. The parity must not change before the last batch was taken. */
  image(pagesPerBatch: number): Generator<PageBatch> {
    return this.#batches(this.#parity, pagesPerBatch)
  }

  /**
   * parity ^= batch: the images of all sources, absorbed one after another, make the parity anew. Throws
   * MemoryLimitError; nothing of the batch is absorbed then.
   */
  absorb(batch: PageBatch): void {
    this.#add(this.#parity, batch)
  }

  /** Back to zeros, with nothing staged. */
  clear(): void {
    this.#empty(this.#parity)
    this.#empty(this.#staged)
  }

  #add(slots: Slots, batch: PageBatch): void {
    const size = this.#pageSizeBytes
    assert(batch.bytes.length === batch.numbers.length * size, 'parity: a batch holds one page for each number')
    this.#needScratch(batch.numbers.length)
    while (this.#free.length < batch.numbers.length) this.#addSlots()
    this.#memory.bytes.set(batch.bytes, this.#scratch)
    for (let i = 0; i < batch.numbers.length; i += 1) {
      const page = batch.numbers[i]!
      const source = this.#scratch + i * size
      const slot = slots.get(page)
      if (slot !== undefined) {
        this.#memory.xor(slot, slot, source, size)
        this.#dropIfZero(slots, page, slot)
      } else if (!this.#memory.isZero(source, size)) {
        const fresh = this.#free.pop()!
        this.#memory.copy(fresh, source, size)
        slots.set(page, fresh)
      }
    }
  }

  *#batches(slots: Slots, pagesPerBatch: number): Generator<PageBatch> {
    const size = this.#pageSizeBytes
    const pages = [...slots.keys()].sort((a, b) => a - b)
    for (let from = 0; from < pages.length; from += pagesPerBatch) {
      const numbers = pages.slice(from, from + pagesPerBatch)
      this.#needScratch(numbers.length)
      numbers.forEach((page, i) => {
        const slot = slots.get(page)
        assert(slot !== undefined, 'parity: pages stay while they are read')
        this.#memory.copy(this.#scratch + i * size, slot, size)
      })
      yield { numbers, bytes: this.#memory.bytes.slice(this.#scratch, this.#scratch + numbers.length * size) }
    }
  }

  #empty(slots: Slots): void {
    for (const slot of slots.values()) this.#free.push(slot)
    slots.clear()
  }

  #dropIfZero(slots: Slots, page: number, slot: number): void {
    if (!this.#memory.isZero(slot, this.#pageSizeBytes)) return
    slots.delete(page)
    this.#free.push(slot)
  }

  #addSlots(): void {
    const count = Math.min(slotsPerChunkMax, Math.max(slotsPerChunkMin, this.#slots))
    const chunk = this.#memory.allocate(count * this.#pageSizeBytes, this.#pageSizeBytes)
    this.#slots += count
    for (let i = count - 1; i >= 0; i -= 1) this.#free.push(chunk + i * this.#pageSizeBytes)
  }

  /** Room to bring bytes into the kernel memory, or to gather them there before they leave it. */
  #needScratch(pages: number): void {
    if (pages <= this.#scratchPages) return
    this.#scratchPages = Math.max(pages, 2 * this.#scratchPages)
    this.#scratch = this.#memory.allocate(this.#scratchPages * this.#pageSizeBytes, this.#pageSizeBytes)
  }
}
