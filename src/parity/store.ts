import { assert } from '../base/index.ts'
import { addImage, type StoredImage } from './add-image.ts'
import { isByte } from './field.ts'
import { type KernelMemory, type KernelModule, kernelMemoryBytesMax } from './kernel-memory.ts'
import { assertBatch, type PageBatch } from './pages.ts'

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

  /** parity ^= staged; nothing is staged then. */
  applyStaged(): void {
    for (const [page, staged] of this.#staged) {
      const parity = this.#parity.get(page)
      if (parity === undefined) {
        this.#parity.set(page, staged)
        this.#pageEnd = Math.max(this.#pageEnd, page + 1)
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
    return this.#batches(this.#staged, pagesPerBatch, 1)
  }

  /**
   * The parity's pages times `coefficient`, without those of zeros. The parity must not change before the last batch
   * was taken.
   */
  image(pagesPerBatch: number, coefficient = 1): Generator<PageBatch> {
    assertCounts(coefficient)
    return this.#batches(this.#parity, pagesPerBatch, coefficient)
  }

  /**
   * What a link in the chain of a rebuild passes on: incoming + coefficient * the parity's pages with numbers in
   * [first, end). Pages that are zero in the sum are left out. Throws MemoryLimitError.
   */
  addImage(coefficient: number, incoming: PageBatch, first: number, end: number): PageBatch {
    assertCounts(coefficient)
    const own: StoredImage = { pageEnd: this.#pageEnd, contentOf: (page) => this.#parity.get(page) ?? 0 }
    return addImage(this.#memory, own, coefficient, incoming, { first, end, pageSizeBytes: this.#pageSizeBytes })
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

  #add(slots: Slots, batch: PageBatch, coefficient: number): void {
    assertCounts(coefficient)
    assertBatch(batch, this.#pageSizeBytes)
    const { numbers } = batch
    while (this.#free.length < numbers.length) this.#addSlots()
    const targets = new Uint32Array(numbers.length)
    const holds = new Uint8Array(numbers.length)
    let taken = 0
    numbers.forEach((page, i) => {
      const slot = slots.get(page)
      if (slot === undefined) taken += 1
      else holds[i] = 1
      targets[i] = slot ?? this.#free.at(-taken)!
    })
    this.#memory.batches.bring(batch.bytes, targets, holds, Uint8Array.of(coefficient))
    this.#free.length -= taken
    numbers.forEach((page, i) => {
      if (holds[i] === 1) {
        slots.set(page, targets[i]!)
      } else {
        slots.delete(page)
        this.#free.push(targets[i]!)
      }
    })
  }

  *#batches(slots: Slots, pagesPerBatch: number, coefficient: number): Generator<PageBatch> {
    const pages = [...slots.keys()].sort((a, b) => a - b)
    for (let from = 0; from < pages.length; from += pagesPerBatch) {
      const numbers = pages.slice(from, from + pagesPerBatch)
      const sources = Uint32Array.from(numbers, (page) => {
        const slot = slots.get(page)
        assert(slot !== undefined, 'parity: pages stay while they are read')
        return slot
      })
      const zeros = new Uint32Array(sources.length)
      yield { numbers, bytes: this.#memory.batches.take(sources, zeros, coefficient, this.#pageSizeBytes) }
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
}

function assertCounts(coefficient: number): void {
  assert(isByte(coefficient) && coefficient !== 0, 'parity: a coefficient is a byte and not 0')
}
