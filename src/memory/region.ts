import type { KernelMemory } from '../parity/index.ts'

const framesPerChunkMin = 64
const wordBytes = 4

/**
 * Pages in one piece of the kernel memory, each with a shadow that holds its captured content. A capture copies the
 * changed pages into their shadows and keeps what these held in frames until the change is settled, so that both
 * checkpoints can be read while the program goes on. Shadows stay where they are and lie in the order of their pages:
 * comparing runs through memory from one end to the other, however often pages change.
 */
export class TrackedRegion {
  readonly firstPage: number
  readonly pages: number
  /** Offset of the pages that the program sees. */
  readonly live: number
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #shadow: number
  readonly #free: number
  readonly #changes: number
  #frameCount = 0

  constructor(memory: KernelMemory, firstPage: number, pages: number, pageSizeBytes: number) {
    this.#memory = memory
    this.firstPage = firstPage
    this.pages = pages
    this.#pageSizeBytes = pageSizeBytes
    this.live = memory.allocate(pages * pageSizeBytes, pageSizeBytes)
    this.#shadow = memory.allocate(pages * pageSizeBytes, pageSizeBytes)
    this.#free = memory.allocate((pages + 1) * wordBytes, wordBytes)
    this.#changes = memory.allocate((2 * pages + 1) * wordBytes, wordBytes)
  }

  /** The most that a region takes: pages, captured content, former content, tables. */
  static bytesMax(pages: number, pageSizeBytes: number): number {
    return pages * (3 * pageSizeBytes + 3 * wordBytes) + 2 * wordBytes + pageSizeBytes
  }

  get changeCount(): number {
    return this.#memory.words[this.#changes / wordBytes]!
  }

  /** Index in this region of the page that the `change`-th change is about; ascending. */
  changedIndex(change: number): number {
    return this.#memory.words[this.#changes / wordBytes + 1 + 2 * change]!
  }

  /** Offset of what the page held before the `change`-th change; 0 for zeros. */
  former(change: number): number {
    return this.#memory.words[this.#changes / wordBytes + 2 + 2 * change]!
  }

  /** Offset of the captured content of a page. */
  shadow(index: number): number {
    return this.#shadow + index * this.#pageSizeBytes
  }

  /** Offset of what the page held before the newest capture; 0 for zeros. */
  shadowBefore(index: number): number {
    let low = 0
    let high = this.changeCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.changedIndex(middle) < index) low = middle + 1
      else high = middle
    }
    return low < this.changeCount && this.changedIndex(low) === index ? this.former(low) : this.shadow(index)
  }

  /** How many pages differ from their captured content. */
  countChanged(): number {
    return this.#memory.countChanged(this.live, this.#shadow, this.pages, this.#pageSizeBytes)
  }

  /** Captures the first `pages` pages. Throws MemoryLimitError; the changes so far are then still to be reverted. */
  capture(pages: number): void {
    const size = this.#pageSizeBytes
    let page = 0
    while (page < pages) {
      page = this.#memory.captureChanged(this.live, this.#shadow, page, pages, size, this.#free, this.#changes)
      if (page < pages) this.#addFrames(pages - page)
    }
  }

  /** The newest capture stays: the former content is given up. */
  settle(): void {
    for (let change = this.changeCount - 1; change >= 0; change -= 1) this.#release(this.former(change))
    this.#setChangeCount(0)
  }

  /** The newest capture is taken back; the pages the program sees stay as they are. */
  revert(): void {
    for (let change = this.changeCount - 1; change >= 0; change -= 1) {
      this.#memory.copy(this.shadow(this.changedIndex(change)), this.former(change), this.#pageSizeBytes)
    }
    this.settle()
  }

  /** The pages the program sees become the captured ones. */
  restore(): void {
    this.#memory.restoreChanged(this.live, this.#shadow, this.pages, this.#pageSizeBytes)
  }

  /** All zeros again. */
  clear(): void {
    this.settle()
    this.#wipe(this.live)
    this.#wipe(this.#shadow)
  }

  /** Writes only where it must: memory that was never written is not there, and shall stay so. */
  #wipe(start: number): void {
    const size = this.#pageSizeBytes
    for (let at = start; at < start + this.pages * size; at += size) {
      if (!this.#memory.isZero(at, size)) this.#memory.bytes.fill(0, at, at + size)
    }
  }

  #setChangeCount(count: number): void {
    this.#memory.words[this.#changes / wordBytes] = count
  }

  /** Puts a frame back among the free ones; offset 0 is none. */
  #release(frame: number): void {
    if (frame === 0) return
    const { words } = this.#memory
    const free = this.#free / wordBytes
    const count = words[free]! + 1
    words[free] = count
    words[free + count] = frame
  }

  /** A page never needs more than one frame, so their number stays within the table. */
  #addFrames(wanted: number): void {
    const room = this.pages - this.#frameCount
    const count = Math.min(room, wanted, Math.max(framesPerChunkMin, this.#frameCount))
    const chunk = this.#memory.allocate(count * this.#pageSizeBytes, this.#pageSizeBytes)
    this.#frameCount += count
    for (let i = count - 1; i >= 0; i -= 1) this.#release(chunk + i * this.#pageSizeBytes)
  }
}
