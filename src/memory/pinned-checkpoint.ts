import { assert } from '../base/index.ts'
import type { Checksums, KernelMemory, PageBatch } from '../parity/index.ts'
import { PageSet } from './page-set.ts'
import type { Region } from './region.ts'

/**
 * A committed checkpoint that is being read in peace while the program computes and further checkpoints are captured and
 * committed. What these overwrite and nobody has read yet is copied aside, each page at most once.
 */
export interface PinnedCheckpoint {
  readonly checkpoint: number
  readonly checksums: Checksums
  /** All pages that are not zero, rather than those that changed since a mark, zeros among them. */
  readonly isFull: boolean
  /** Bytes that had to be copied aside so far. */
  readonly asideBytes: number
  /** Its pages, from the first to the last; to be asked for once. */
  pages(pagesPerBatch: number): Generator<PageBatch>
  /** To be called when nothing more is read. */
  release(): void
}

/** What a holding needs of the memory that it is part of. */
export interface Pinnable {
  readonly memory: KernelMemory
  readonly pageSizeBytes: number
  readonly regions: () => readonly Region[]
  /** Offset of what a page holds at the oldest kept checkpoint; 0 for zeros. Good until the next call. */
  readonly contentOf: (page: number) => number
}

/** Which pages changed since marked moments, and the checkpoint that is held. */
export class CheckpointPins {
  readonly #of: Pinnable
  readonly #marks = new Map<number, PageSet>()
  #held: CheckpointPin | null = null

  constructor(of: Pinnable) {
    this.#of = of
  }

  mark(name: number, keeps: number | null): void {
    for (const old of [...this.#marks.keys()]) if (old !== keeps) this.#marks.delete(old)
    this.#marks.set(name, new PageSet())
  }

  hold(checkpoint: number, checksums: Checksums, since: number | null): PinnedCheckpoint {
    assert(this.#held === null, 'memory: one checkpoint is held at a time')
    const changed = since === null ? null : (this.#marks.get(since)?.copy() ?? null)
    const held = new CheckpointPin(this.#of, checkpoint, checksums, changed, () => {
      this.#held = null
    })
    this.#held = held
    return held
  }

  /** The newest capture is about to be settled: what its changed pages held before is given up. */
  settling(): void {
    if (this.#held === null && this.#marks.size === 0) return
    for (const region of this.#of.regions()) {
      for (let change = 0; change < region.changeCount; change += 1) {
        const page = region.firstPage + region.changedIndex(change)
        for (const changed of this.#marks.values()) changed.add(page)
        this.#held?.keepAside(page, region.former(change))
      }
    }
  }

  /** The memory is about to become another one. */
  forget(): void {
    this.#marks.clear()
    this.#held?.release()
  }
}

class CheckpointPin implements PinnedCheckpoint {
  readonly checkpoint: number
  readonly checksums: Checksums
  readonly #of: Pinnable
  readonly #changed: PageSet | null
  readonly #onRelease: () => void
  readonly #aside = new Map<number, Uint8Array>()
  readonly #pageEnd: number
  asideBytes = 0
  /** Pages below this one have been read. */
  #next = 0
  #isReleased = false

  constructor(of: Pinnable, checkpoint: number, checksums: Checksums, changed: PageSet | null, onRelease: () => void) {
    this.#of = of
    this.checkpoint = checkpoint
    this.checksums = checksums
    this.#changed = changed
    this.#onRelease = onRelease
    const last = of.regions().at(-1)!
    this.#pageEnd = last.firstPage + last.pages
  }

  get isFull(): boolean {
    return this.#changed === null
  }

  keepAside(page: number, offset: number): void {
    if (page < this.#next || page >= this.#pageEnd || this.#aside.has(page)) return
    if (this.#changed?.has(page) === false) return
    this.#aside.set(page, this.#copy(offset))
    this.asideBytes += this.#of.pageSizeBytes
  }

  *pages(pagesPerBatch: number): Generator<PageBatch> {
    while (this.#next < this.#pageEnd) {
      assert(!this.#isReleased, 'memory: a held checkpoint is read before it is released')
      const batch = this.#nextBatch(pagesPerBatch)
      if (batch.numbers.length > 0) yield batch
    }
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#aside.clear()
    this.#onRelease()
  }

  #nextBatch(pagesPerBatch: number): PageBatch {
    const numbers: number[] = []
    const contents: Uint8Array[] = []
    for (; this.#next < this.#pageEnd && numbers.length < pagesPerBatch; this.#next += 1) {
      const content = this.#contentOf(this.#next)
      if (content === null) continue
      numbers.push(this.#next)
      contents.push(content)
    }
    const bytes = new Uint8Array(numbers.length * this.#of.pageSizeBytes)
    for (const [index, content] of contents.entries()) bytes.set(content, index * this.#of.pageSizeBytes)
    return { numbers, bytes }
  }

  /** Null for a page that is not among those to be read. */
  #contentOf(page: number): Uint8Array | null {
    if (this.#changed?.has(page) === false) return null
    const aside = this.#aside.get(page)
    if (aside !== undefined) {
      this.#aside.delete(page)
      return this.isFull && aside.every((byte) => byte === 0) ? null : aside
    }
    const offset = this.#of.contentOf(page)
    const { memory, pageSizeBytes } = this.#of
    return this.isFull && memory.isZero(offset, pageSizeBytes) ? null : this.#copy(offset)
  }

  #copy(offset: number): Uint8Array {
    return this.#of.memory.bytes.slice(offset, offset + this.#of.pageSizeBytes)
  }
}
