import { assert } from '../base/index.ts'
import type { KernelMemory } from '../parity/index.ts'
import { type PageRanges, rangesOf } from './page-ranges.ts'
import { concurrentWrite, type Region, touch } from './region.ts'
import { RegionBuffer } from './region-buffer.ts'
import type { WriteGuard, WriteGuards } from './write-guard.ts'

const wordBytes = 4
/** With fewer runs than one in so many pages, protecting each run is quicker than protecting all pages. */
const pagesPerRunMin = 24
/** Pages of the largest batch that is read at one go in ordinary work; larger ones take memory of their own. */
const readingsMin = 64

export interface LeanRegionOptions {
  readonly firstPage: number
  readonly pages: number
  readonly pageSizeBytes: number
  readonly guards: WriteGuards
}

/**
 * A region without shadows, as Plank and Li describe it: pages are protected, and at the first write to one its old
 * content goes to the primary buffer. A capture makes the primary buffer the secondary one, whose old contents are
 * kept until the capture is settled. So it takes the pages themselves and the changed ones once more. The captured
 * content of a page is its copy in the primary buffer, and the page as it is where there is none.
 */
export class LeanRegion implements Region {
  readonly firstPage: number
  readonly pages: number
  readonly live: number
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #buffers: readonly [RegionBuffer, RegionBuffer]
  readonly #guard: WriteGuard
  /** Where pages without a copy are copied to when they are read: offsets, and how many are in use. */
  readonly #readings: number[] = []
  #readingsUsed = 0
  #primary: 0 | 1 = 0
  /** The pages that the newest capture found changed. */
  #changes: Uint32Array = new Uint32Array(0)
  /** While memory is rebuilt, nothing is noticed: all pages held zeros before. */
  #isOpen = false

  constructor(memory: KernelMemory, { firstPage, pages, pageSizeBytes, guards }: LeanRegionOptions) {
    assert(pageSizeBytes === guards.systemPageBytes, 'memory: guarded pages are those of the system')
    this.#memory = memory
    this.firstPage = firstPage
    this.pages = pages
    this.#pageSizeBytes = pageSizeBytes
    this.live = memory.allocate(pages * pageSizeBytes, pageSizeBytes)
    // Address space only: a frame takes memory when it is used first.
    this.#buffers = [new RegionBuffer(memory, pages, pageSizeBytes), new RegionBuffer(memory, pages, pageSizeBytes)]
    const bytes = memory.bytes.subarray(this.live, this.live + pages * pageSizeBytes)
    this.#guard = guards.guard(bytes, this.#buffers)
    this.#guard.protect()
  }

  /** The most that a region takes: pages, two copy buffers with their tables, readings, and what aligning costs. */
  static bytesMax(pages: number, pageSizeBytes: number): number {
    return pages * (3 * pageSizeBytes + 4 * wordBytes) + 4 * wordBytes + (readingsMin + 5) * pageSizeBytes
  }

  get copyBytes(): number {
    const readings = this.#readings.length * this.#pageSizeBytes
    return this.#buffers[0].bytes + this.#buffers[1].bytes + readings
  }

  get changeCount(): number {
    return this.#changes.length
  }

  changedIndex(change: number): number {
    return this.#changes[change]!
  }

  former(change: number): number {
    return this.#secondaryBuffer.contentOf(this.changedIndex(change))!
  }

  captured(index: number): number {
    // Of memory that is being rebuilt, nothing is captured yet.
    if (this.#isOpen) return 0
    const kept = this.#primaryBuffer.contentOf(index)
    if (kept !== null) return kept
    const reading = this.#nextReading()
    this.#memory.copy(reading, this.live + index * this.#pageSizeBytes, this.#pageSizeBytes)
    // A page is opened only once its copy is there: if there is none even now, what was read is the captured content.
    const keptMeanwhile = this.#primaryBuffer.contentOf(index)
    if (keptMeanwhile !== null) return keptMeanwhile
    if (this.#memory.isZero(reading, this.#pageSizeBytes)) return 0
    this.#readingsUsed += 1
    return reading
  }

  before(index: number): number {
    return this.#secondaryBuffer.contentOf(index) ?? this.captured(index)
  }

  release(): void {
    this.#readingsUsed = 0
  }

  /** Pages that were written, whether that changed them or not: there is a copy of each. */
  countChanged(): number {
    return this.#primaryBuffer.count
  }

  countWritten(): number {
    return this.countChanged()
  }

  willWrite(first: number, end: number): void {
    if (first >= end || this.#isOpen) return
    this.#guard.open()
    this.#isOpen = true
  }

  capture(): void {
    this.#guard.pause()
    try {
      if (this.#isOpen) this.#keepZeros()
      const written = this.#primaryBuffer.pages.sort()
      this.#protectAgain(written)
      this.#primary = this.#secondary
      this.#guard.copyTo(this.#primary)
      this.#changes = written.filter((page) => this.#differs(page))
      this.#secondaryBuffer.keepOnly(this.#changes, written)
      assert(this.#guard.waited() === 0, concurrentWrite)
    } finally {
      this.#guard.resume()
    }
  }

  settle(): void {
    this.#empty(this.#secondaryBuffer, this.#changes)
    this.#changes = new Uint32Array(0)
  }

  revert(): void {
    this.#guard.pause()
    try {
      for (const page of this.#changes) this.#primaryBuffer.put(page, this.#secondaryBuffer.contentOf(page)!)
      this.settle()
    } finally {
      this.#guard.resume()
    }
  }

  restore(): void {
    this.#guard.open()
    if (this.#isOpen) this.#wipe()
    const size = this.#pageSizeBytes
    const written = this.#primaryBuffer.pages
    for (const page of written) {
      this.#memory.copy(this.live + page * size, this.#primaryBuffer.contentOf(page)!, size)
    }
    this.#beginAfresh(written)
  }

  populate(): void {
    this.#guard.open()
    touch(this.#memory, this.live, this.pages, this.#pageSizeBytes)
    this.#beginAfresh(this.#primaryBuffer.pages)
  }

  /** A touch of a protected page is its first write. */
  aheadOfRebuild(): null {
    return null
  }

  /** Copies are made at first writes, each where one was before. */
  aheadOfCapture(resident: (bytes: Uint8Array) => PageRanges): ReturnType<Region['aheadOfCapture']> {
    const bytes = this.#memory.bytes.subarray(this.live, this.live + this.pages * this.#pageSizeBytes)
    return { inUse: resident(bytes), ahead: [] }
  }

  clear(): void {
    this.settle()
    this.#guard.open()
    this.#wipe()
    this.#beginAfresh(this.#primaryBuffer.pages)
  }

  close(): void {
    this.#guard.close()
  }

  get #secondary(): 0 | 1 {
    return this.#primary === 0 ? 1 : 0
  }

  get #primaryBuffer(): RegionBuffer {
    return this.#buffers[this.#primary]
  }

  get #secondaryBuffer(): RegionBuffer {
    return this.#buffers[this.#secondary]
  }

  /** Offset of a free place for a reading, which is used only if it is counted. Throws MemoryLimitError. */
  #nextReading(): number {
    if (this.#readingsUsed === this.#readings.length) {
      this.#readings.push(this.#memory.allocate(this.#pageSizeBytes, this.#pageSizeBytes))
    }
    return this.#readings[this.#readingsUsed]!
  }

  /** Pages that are not zeros were zeros before they were rebuilt. */
  #keepZeros(): void {
    for (let page = 0; page < this.pages; page += 1) {
      if (!this.#memory.isZero(this.live + page * this.#pageSizeBytes, this.#pageSizeBytes)) {
        this.#primaryBuffer.put(page, 0)
      }
    }
  }

  /** Only pages with a copy are open, or all. */
  #protectAgain(written: Uint32Array): void {
    const runs: PageRanges = rangesOf(written)
    if (this.#isOpen || (runs.length / 2) * pagesPerRunMin > this.pages) this.#guard.protect()
    else this.#guard.protect(runs)
    this.#isOpen = false
  }

  #differs(page: number): boolean {
    const size = this.#pageSizeBytes
    return this.#memory.countChanged(this.live + page * size, this.#secondaryBuffer.contentOf(page)!, 1, size) > 0
  }

  #wipe(): void {
    const size = this.#pageSizeBytes
    for (let at = this.live; at < this.live + this.pages * size; at += size) {
      if (!this.#memory.isZero(at, size)) this.#memory.bytes.fill(0, at, at + size)
    }
  }

  /** The pages are as they were captured. */
  #beginAfresh(written: Uint32Array): void {
    this.#empty(this.#primaryBuffer, written)
    this.#guard.protect()
    this.#isOpen = false
  }

  #empty(buffer: RegionBuffer, pages: Uint32Array): void {
    const unneeded = buffer.empty(pages)
    if (unneeded !== null) this.#guard.discard(unneeded)
  }
}
