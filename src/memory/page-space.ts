import { assert } from '../base/index.ts'
import type { KernelMemory } from '../parity/index.ts'
import { NotedPages } from './noted-pages.ts'
import type { Region } from './region.ts'
import { ShadowRegion } from './shadow-region.ts'

const addedPagesMin = 64

/**
 * A processor's pages by number: the program's region, and behind it regions for blobs: a small one from the beginning
 * on, so that finding the blobs again never needs memory, and more as they are needed. No region is ever moved, so views
 * on the program's bytes stay valid.
 */
export class PageSpace {
  /** In the order of their pages, without gaps; the first is the program's. */
  readonly regions: Region[]
  readonly #memory: KernelMemory
  readonly #programPages: number
  readonly #pageSizeBytes: number

  constructor(memory: KernelMemory, programRegion: Region, pageSizeBytes: number) {
    this.#memory = memory
    this.#programPages = programRegion.pages
    this.#pageSizeBytes = pageSizeBytes
    this.regions = [programRegion]
    this.need(this.#programPages + 1)
  }

  /** What the regions for blobs of a fresh memory take at most, with their checkpoints. */
  static bytesMin(pageSizeBytes: number): number {
    return ShadowRegion.bytesMax(addedPagesMin, pageSizeBytes)
  }

  /** Adds pages, at least as many as the blobs have already, until there are `pages` in all. Throws MemoryLimitError. */
  need(pages: number): void {
    const end = this.pageEnd
    if (pages <= end) return
    const added = Math.max(pages - end, end - this.#programPages, addedPagesMin)
    const pageSizeBytes = this.#pageSizeBytes
    const watch = (): NotedPages => new NotedPages(added)
    const options = { firstPage: end, pages: added, pageSizeBytes, alignmentBytes: pageSizeBytes, watch, policy: null }
    this.regions.push(new ShadowRegion(this.#memory, options))
  }

  /** One past the last page. */
  get pageEnd(): number {
    const last = this.regions.at(-1)!
    return last.firstPage + last.pages
  }

  /** Offset of the captured content of a page. */
  capturedOffset(page: number): number {
    const region = this.#regionOf(page)
    return region.captured(page - region.firstPage)
  }

  /** Offset of what a page held before the newest capture; 0 for zeros. */
  beforeOffset(page: number): number {
    const region = this.#regionOf(page)
    return region.before(page - region.firstPage)
  }

  /** Offsets of what the pages from `first` to before `end` held at the newest capture, or before it; 0 for zeros. */
  contents(first: number, end: number, isNewest: boolean): Uint32Array {
    const offsets = new Uint32Array(end - first)
    for (let page = first; page < end; ) {
      const region = this.#regionOf(page)
      const regionEnd = Math.min(end, region.firstPage + region.pages)
      for (; page < regionEnd; page += 1) {
        const index = page - region.firstPage
        offsets[page - first] = isNewest ? region.captured(index) : region.before(index)
      }
    }
    return offsets
  }

  /** Offsets of pages as the program sees them, which are about to be written; their numbers ascend. */
  offsetsToWrite(numbers: readonly number[]): Uint32Array {
    const offsets = new Uint32Array(numbers.length)
    for (let from = 0; from < numbers.length; ) {
      const region = this.#regionOf(numbers[from]!)
      const first = numbers[from]! - region.firstPage
      // Each run of pages is told of in one call.
      let run = 0
      for (; numbers[from + run] === numbers[from]! + run && first + run < region.pages; run += 1) {
        offsets[from + run] = region.live + (first + run) * this.#pageSizeBytes
      }
      region.willWrite(first, first + run)
      from += run
    }
    return offsets
  }

  /** A copy of `bytes` bytes from the beginning of `page` on. */
  read(page: number, bytes: number): Uint8Array {
    const content = new Uint8Array(bytes)
    this.#visitPieces(page, bytes, (region, index, from, to) => {
      const offset = region.live + index * this.#pageSizeBytes
      content.set(this.#memory.bytes.subarray(offset, offset + to - from), from)
    })
    return content
  }

  write(page: number, content: Uint8Array): void {
    this.#visitPieces(page, content.length, (region, index, from, to) => {
      const offset = region.live + index * this.#pageSizeBytes
      region.willWrite(index, index + Math.ceil((to - from) / this.#pageSizeBytes))
      this.#memory.bytes.set(content.subarray(from, to), offset)
    })
  }

  #regionOf(page: number): Region {
    const region = this.regions.findLast(({ firstPage }) => firstPage <= page)
    assert(region !== undefined && page < region.firstPage + region.pages, 'memory: the page exists')
    return region
  }

  /** Visits `bytes` bytes from the beginning of a page on, cut where one region ends and the next begins. */
  #visitPieces(
    firstPage: number,
    bytes: number,
    visit: (region: Region, index: number, from: number, to: number) => void,
  ): void {
    let from = 0
    while (from < bytes) {
      const page = firstPage + from / this.#pageSizeBytes
      const region = this.#regionOf(page)
      const index = page - region.firstPage
      const to = Math.min(bytes, from + (region.pages - index) * this.#pageSizeBytes)
      visit(region, index, from, to)
      from = to
    }
  }
}
