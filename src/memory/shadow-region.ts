import { assert } from '../base/index.ts'
import type { KernelMemory } from '../parity/index.ts'
import type { FirstWrites, PagesAhead } from './first-writes.ts'
import { countPages, noPages, type PageRanges, rangesOf, unite, without } from './page-ranges.ts'
import type { PageWatch } from './page-watch.ts'
import { concurrentWrite, type Region, touch } from './region.ts'
import type { TrackingPolicy } from './tracking-policy.ts'

const framesPerChunkMin = 64
const wordBytes = 4
/** Without a watch, so many changed pages are looked at again to see whether something writes during a capture. */
const lookedAtAgainMax = 256

export interface ShadowRegionOptions {
  readonly firstPage: number
  readonly pages: number
  readonly pageSizeBytes: number
  /** The pages begin and end at multiples of it. */
  readonly alignmentBytes: number
  /** Makes the watch over the pages; null where they are compared. */
  readonly watch: ((live: Uint8Array) => PageWatch) | null
  /** Says when to compare in spite of the watch; null for never. */
  readonly policy: TrackingPolicy | null
}

/**
 * A region where each page has a shadow that holds its captured content. A capture copies the changed pages into their
 * shadows and keeps what these held in frames until the change is settled, so that both checkpoints can be read while
 * the program goes on. Shadows stay where they are and lie in the order of their pages: comparing runs through memory
 * from one end to the other, however often pages change. A watch tells which pages need not be compared at all.
 */
export class ShadowRegion implements Region {
  readonly firstPage: number
  readonly pages: number
  readonly live: number
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #shadow: number
  readonly #free: number
  readonly #changes: number
  readonly #watch: PageWatch | null
  readonly #policy: TrackingPolicy | null
  #frameCount = 0
  /** Shadows, and frames at the same time, that a settled capture wrote to. */
  #shadowsUsed = 0
  #framesUsed = 0
  #isCaptured = false
  /** Pages whose shadows have memory, or were told to be about to get it; beyond the first capture not all of them. */
  #shadowed: PageRanges = noPages
  /** Whether the watch notices writes now. */
  #isArmed = false
  /** Pages that may differ from their shadows, beside those that the watch has yet to tell about. */
  #suspects: PageRanges = noPages

  constructor(memory: KernelMemory, options: ShadowRegionOptions) {
    const { firstPage, pages, pageSizeBytes, alignmentBytes, watch, policy } = options
    this.#memory = memory
    this.firstPage = firstPage
    this.pages = pages
    this.#pageSizeBytes = pageSizeBytes
    const liveBytes = Math.ceil((pages * pageSizeBytes) / alignmentBytes) * alignmentBytes
    this.live = memory.allocate(liveBytes, alignmentBytes)
    this.#shadow = memory.allocate(pages * pageSizeBytes, pageSizeBytes)
    this.#free = memory.allocate((pages + 1) * wordBytes, wordBytes)
    this.#changes = memory.allocate((2 * pages + 1) * wordBytes, wordBytes)
    this.#watch = watch && pages > 0 ? watch(memory.bytes.subarray(this.live, this.live + liveBytes)) : null
    this.#policy = policy
    this.#arm()
  }

  /** The most that a region takes: pages, captured content, former content, tables. */
  static bytesMax(pages: number, pageSizeBytes: number): number {
    return pages * (3 * pageSizeBytes + 3 * wordBytes) + 2 * wordBytes + pageSizeBytes
  }

  /** Shadows and frames that anything was written to; those of the newest capture count as far as they are known. */
  get copyBytes(): number {
    const isFirst = this.#shadowsUsed === 0
    const shadows = isFirst ? this.changeCount : this.#shadowsUsed
    const frames = isFirst ? 0 : Math.min(this.#frameCount, Math.max(this.#framesUsed, this.changeCount))
    return Math.min(this.pages, shadows) * (this.#pageSizeBytes + 3 * wordBytes) + frames * this.#pageSizeBytes
  }

  get changeCount(): number {
    return this.#memory.words[this.#changes / wordBytes]!
  }

  changedIndex(change: number): number {
    return this.#memory.words[this.#changes / wordBytes + 1 + 2 * change]!
  }

  former(change: number): number {
    return this.#memory.words[this.#changes / wordBytes + 2 + 2 * change]!
  }

  captured(index: number): number {
    return this.#shadow + index * this.#pageSizeBytes
  }

  before(index: number): number {
    let low = 0
    let high = this.changeCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.changedIndex(middle) < index) low = middle + 1
      else high = middle
    }
    return low < this.changeCount && this.changedIndex(low) === index ? this.former(low) : this.captured(index)
  }

  release(): void {}

  countChanged(): number {
    return this.#countDifferentIn(this.#suspectsNow())
  }

  countWritten(): number {
    return countPages(this.#suspectsNow())
  }

  willWrite(first: number, end: number): void {
    this.#watch?.note(first, end)
  }

  capture(pages: number): void {
    const wasArmed = this.#isArmed
    const written = wasArmed ? this.#watch!.take() : Uint32Array.of(0, pages)
    // Writes must be noticed before pages are compared for the last time.
    if (!wasArmed && this.#policy?.mode === 'watch') this.#arm()
    this.#suspects = unite(this.#suspects, written)
    this.#captureChanged(this.#suspects)
    assert(!this.#isWrittenNow(), concurrentWrite)
    if (!this.#isCaptured) this.#shadowed = unite(this.#shadowed, this.#suspects)
    this.#isCaptured = true
    this.#suspects = noPages
    this.#policy?.note(wasArmed ? countPages(written) : this.changeCount, this.pages)
    if (this.#isArmed && this.#policy?.mode === 'compare') this.#disarm()
  }

  settle(): void {
    let zeros = 0
    for (let change = this.changeCount - 1; change >= 0; change -= 1) {
      const former = this.former(change)
      if (former === 0) zeros += 1
      this.#freeFrame(former)
    }
    this.#shadowsUsed += zeros
    this.#framesUsed = Math.max(this.#framesUsed, this.changeCount - zeros)
    this.#setChangeCount(0)
  }

  revert(): void {
    for (let change = this.changeCount - 1; change >= 0; change -= 1) {
      this.#memory.copy(this.captured(this.changedIndex(change)), this.former(change), this.#pageSizeBytes)
    }
    this.#suspects = unite(this.#suspects, rangesOf(this.#changedIndices()))
    this.settle()
  }

  restore(): void {
    const suspects = unite(this.#suspects, this.#isArmed ? this.#watch!.take() : this.#everything)
    this.#memory.batches.restoreChanged(this.live, this.#shadow, this.#pageSizeBytes, suspects)
    this.#forgetWrites()
  }

  populate(): void {
    touch(this.#memory, this.live, this.pages, this.#pageSizeBytes)
    touch(this.#memory, this.#shadow, this.pages, this.#pageSizeBytes)
    this.#forgetWrites()
  }

  aheadOfRebuild(pages: PageRanges): readonly PagesAhead[] {
    // Else each touch would be two faults.
    for (let i = 0; i < pages.length; i += 2) this.#watch?.note(pages[i]!, pages[i + 1]!)
    return [this.live, this.#shadow].map((start) => ({ bytes: this.#bytesFrom(start, this.pages), pages }))
  }

  /** Shadows of the written pages that have none yet, and frames for the former content of the others. */
  aheadOfCapture(resident: (bytes: Uint8Array) => PageRanges): ReturnType<FirstWrites['aheadOfCapture']> {
    if (this.#isCaptured && !this.#isArmed) return { inUse: this.#shadowed, ahead: [] }
    const written = this.#isArmed ? this.#watch!.peek() : resident(this.#bytesFrom(this.live, this.pages))
    const fresh = without(written, this.#shadowed)
    this.#shadowed = unite(this.#shadowed, fresh)
    const shadows = { bytes: this.#bytesFrom(this.#shadow, this.pages), pages: fresh }
    const frames = this.#isCaptured ? countPages(written) - countPages(fresh) - this.#frameCount : 0
    if (frames <= 0) return { inUse: this.#shadowed, ahead: [shadows] }
    const { start, count } = this.#addFrames(frames, frames)
    const formers = { bytes: this.#bytesFrom(start, count), pages: Uint32Array.of(0, count) }
    return { inUse: this.#shadowed, ahead: [shadows, formers] }
  }

  clear(): void {
    this.settle()
    this.#wipe(this.live)
    this.#wipe(this.#shadow)
    this.#forgetWrites()
  }

  close(): void {
    this.#watch?.close()
  }

  #suspectsNow(): PageRanges {
    return unite(this.#suspects, this.#isArmed ? this.#watch!.peek() : this.#everything)
  }

  #bytesFrom(start: number, pages: number): Uint8Array {
    return this.#memory.bytes.subarray(start, start + pages * this.#pageSizeBytes)
  }

  get #everything(): PageRanges {
    return Uint32Array.of(0, this.pages)
  }

  #arm(): void {
    this.#watch?.arm()
    this.#isArmed = this.#watch !== null
  }

  #disarm(): void {
    this.#watch?.disarm()
    this.#isArmed = false
  }

  /** Pages are equal to their shadows: what was written was written here. */
  #forgetWrites(): void {
    this.#suspects = noPages
    if (this.#isArmed) this.#watch!.take()
  }

  #captureChanged(ranges: PageRanges): void {
    const [size, end] = [this.#pageSizeBytes, ranges.at(-1) ?? 0]
    const { batches } = this.#memory
    let page = 0
    while (page < end) {
      page = batches.captureChanged(this.live, this.#shadow, size, ranges, this.pages, page, this.#free, this.#changes)
      if (page < end) this.#addFrames(countPages(ranges) - this.changeCount)
    }
  }

  /** Whether a page was written since it was captured. Without a watch only some of the changed pages are looked at. */
  #isWrittenNow(): boolean {
    if (this.#isArmed) return this.#countDifferentIn(this.#watch!.peek()) > 0
    const step = Math.max(1, Math.ceil(this.changeCount / lookedAtAgainMax))
    const some: number[] = []
    for (let change = 0; change < this.changeCount; change += step) {
      some.push(this.changedIndex(change), this.changedIndex(change) + 1)
    }
    return this.#countDifferentIn(Uint32Array.from(some)) > 0
  }

  #countDifferentIn(ranges: PageRanges): number {
    return this.#memory.batches.countChanged(this.live, this.#shadow, this.#pageSizeBytes, ranges)
  }

  *#changedIndices(): Generator<number> {
    for (let change = 0; change < this.changeCount; change += 1) yield this.changedIndex(change)
  }

  /** Writes only where it must: memory that was never written takes none, and must not begin to. */
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
  #freeFrame(frame: number): void {
    if (frame === 0) return
    const { words } = this.#memory
    const free = this.#free / wordBytes
    const count = words[free]! + 1
    words[free] = count
    words[free + count] = frame
  }

  /** A page never needs more than one frame, so their number stays within the table. */
  #addFrames(
    wanted: number,
    most = Math.max(framesPerChunkMin, this.#frameCount),
  ): { readonly start: number; readonly count: number } {
    const room = this.pages - this.#frameCount
    const count = Math.min(room, wanted, most)
    const start = this.#memory.allocate(count * this.#pageSizeBytes, this.#pageSizeBytes)
    this.#frameCount += count
    for (let i = count - 1; i >= 0; i -= 1) this.#freeFrame(start + i * this.#pageSizeBytes)
    return { start, count }
  }
}
