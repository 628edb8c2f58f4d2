import { assert } from '../base/index.ts'
import type { KernelMemory } from '../parity/index.ts'
import { TrackedRegion } from './region.ts'

const addedPagesMin = 64

/**
 * A processor's pages by number: the program's region, and behind it regions for blobs: a small one from the beginning
 * on, so that finding the blobs again never needs memory, and more as they are needed. No region is ever moved, so views
 * on the program's bytes stay valid.
 */
export class PageSpace {
  /** In the order of their pages, without gaps; the first is the program's. */
  readonly regions: TrackedRegion[]
  readonly #memory: KernelMemory
  readonly #programPages: number
  readonly #pageSizeBytes: number

  constructor(memory: KernelMemory, programPages: number, pageSizeBytes: number) {
    this.#memory = memory
    this.#programPages = programPages
    this.#pageSizeBytes = pageSizeBytes
    this.regions = [new TrackedRegion(memory, 0, programPages, pageSizeBytes)]
    this.need(programPages + 1)
  }

  /** What the regions of a fresh memory take at most, with their checkpoints. */
  static bytesMin(programPages: number, pageSizeBytes: number): number {
    return [programPages, addedPagesMin].reduce((sum, pages) => sum + TrackedRegion.bytesMax(pages, pageSizeBytes), 0)
  }

  /** Adds pages, at least as many as the blobs have already, until there are `pages` in all. Throws MemoryLimitError. */
  need(pages: number): void {
    const last = this.regions.at(-1)!
    const end = last.firstPage + last.pages
    if (pages <= end) return
    const added = Math.max(pages - end, end - this.#programPages, addedPagesMin)
    this.regions.push(new TrackedRegion(this.#memory, end, added, this.#pageSizeBytes))
  }

  /** Offset of a page as the program sees it. */
  liveOffset(page: number): number {
    const region = this.#regionOf(page)
    return region.live + (page - region.firstPage) * this.#pageSizeBytes
  }

  /** A copy of `bytes` bytes from the beginning of `page` on. */
  read(page: number, bytes: number): Uint8Array {
    const content = new Uint8Array(bytes)
    this.#visitPieces(page, bytes, (offset, from, to) => {
      content.set(this.#memory.bytes.subarray(offset, offset + to - from), from)
    })
    return content
  }

  write(page: number, content: Uint8Array): void {
    this.#visitPieces(page, content.length, (offset, from, to) => {
      this.#memory.bytes.set(content.subarray(from, to), offset)
    })
  }

  #regionOf(page: number): TrackedRegion {
    const region = this.regions.findLast(({ firstPage }) => firstPage <= page)
    assert(region !== undefined && page < region.firstPage + region.pages, 'memory: the page exists')
    return region
  }

  /** Visits `bytes` bytes from the beginning of a page on, cut where one region ends and the next begins. */
  #visitPieces(firstPage: number, bytes: number, visit: (offset: number, from: number, to: number) => void): void {
    let from = 0
    while (from < bytes) {
      const page = firstPage + from / this.#pageSizeBytes
      const region = this.#regionOf(page)
      const index = page - region.firstPage
      const to = Math.min(bytes, from + (region.pages - index) * this.#pageSizeBytes)
      visit(region.live + index * this.#pageSizeBytes, from, to)
      from = to
    }
  }
}
