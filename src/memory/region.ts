import type { KernelMemory } from '../parity/index.ts'

const framesPerChunkMin = 64
const wordBytes = 4

/**
 * Pages in one piece of the kernel memory, each with a frame that holds its captured content. A capture puts the new
 * content of a changed page into another frame and keeps the former one until the change is settled, so that both
 * checkpoints can be read while the program goes on, and nothing is copied twice.
 */
export class TrackedRegion {
  readonly firstPage: number
  readonly pages: number
  /** Offset of the pages that the program sees. */
  readonly live: number
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #frames: number
  readonly #free: number
  readonly #changes: number
  #frameCount = 0

  constructor(memory: KernelMemory, firstPage: number, pages: number, pageSizeBytes: number) {
    this.#memory = memory
    this.firstPage = firstPage
    this.pages = pages
    this.#pageSizeBytes = pageSizeBytes
    this.live = memory.allocate(pages * pageSizeBytes, pageSizeBytes)
    this.#frames = memory.allocate(pages * wordBytes, wordBytes)
    this.#free = memory.allocate((2 * pages + 1) * wordBytes, wordBytes)
    this.#changes = memory.allocate((2 * pages + 1) * wordBytes, wordBytes)
  }

  /** The most that a region takes: pages, captured content, changed content, tables. */
  static bytesMax(pages: number, pageSizeBytes: number): number {
    return pages * (3 * pageSizeBytes + 5 * wordBytes) + 2 * wordBytes + pageSizeBytes
  }

  get changeCount(): number {
    return this.#memory.words[this.#changes / wordBytes]!
  }

  /** Index in this region of the page that the `change`-th change is about; ascending. */
  changedIndex(change: number): number {
    return this.#memory.words[this.#changes / wordBytes + 1 + 2 * change]!
  }

  /** Offset of what the page held before the `change`-th change. */
  formerFrame(change: number): number {
    return this.#memory.words[this.#changes / wordBytes + 2 + 2 * change]!
  }

  /** Offset of the captured content of a page. */
  frame(index: number): number {
    return this.#memory.words[this.#frames / wordBytes + index]!
  }

  /** Offset of what the page held before the newest capture. */
  frameBefore(index: number): number {
    let low = 0
    let high = this.changeCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.changedIndex(middle) < index) low = middle + 1
      else high = middle
    }
    return low < this.changeCount && this.changedIndex(low) === index ? this.formerFrame(low) : this.frame(index)
  }

  /** How many of the first `pages` pages differ from their captured content. */
  countChanged(pages: number): number {
    return this.#memory.countChanged(this.live, this.#frames, pages, this.#pageSizeBytes)
  }

  /** Captures the first `pages` pages. Throws MemoryLimitError; the changes so far are then still to be reverted. */
  capture(pages: number): void {
    const size = this.#pageSizeBytes
    let page = 0
    while (page < pages) {
      page = this.#memory.captureChanged(this.live, this.#frames, page, pages, size, this.#free, this.#changes)
      if (page < pages) this.#addFrames(pages - page)
    }
  }

  /** The newest capture stays: the former content is given up. */
  settle(): void {
    for (let change = this.changeCount - 1; change >= 0; change -= 1) this.#release(this.formerFrame(change))
    this.#setChangeCount(0)
  }

  /** The newest capture is taken back; the pages the program sees stay as they are. */
  revert(): void {
    for (let change = this.changeCount - 1; change >= 0; change -= 1) {
      const index = this.changedIndex(change)
      this.#release(this.frame(index))
      this.#memory.words[this.#frames / wordBytes + index] = this.formerFrame(change)
    }
    this.#setChangeCount(0)
  }

  /** The pages the program sees become the captured ones. */
  restore(): void {
    this.#memory.restoreChanged(this.live, this.#frames, this.pages, this.#pageSizeBytes)
  }

  /** All zeros again. */
  clear(): void {
    this.revert()
    for (let index = 0; index < this.pages; index += 1) this.#release(this.frame(index))
    const start = this.#frames / wordBytes
    this.#memory.words.fill(0, start, start + this.pages)
    this.restore()
  }

  #setChangeCount(count: number): void {
    this.#memory.words[this.#changes / wordBytes] = count
  }

  /** Puts a frame back among the free ones; the frame of zeros at offset 0 is no one's. */
  #release(frame: number): void {
    if (frame === 0) return
    const { words } = this.#memory
    const free = this.#free / wordBytes
    const count = words[free]! + 1
    words[free] = count
    words[free + count] = frame
  }

  /** No page ever needs more than two frames, so their number stays within the tables. */
  #addFrames(wanted: number): void {
    const room = 2 * this.pages - this.#frameCount
    const count = Math.min(room, wanted, Math.max(framesPerChunkMin, this.#frameCount))
    const chunk = this.#memory.allocate(count * this.#pageSizeBytes, this.#pageSizeBytes)
    this.#frameCount += count
    for (let i = count - 1; i >= 0; i -= 1) this.#release(chunk + i * this.#pageSizeBytes)
  }
}
