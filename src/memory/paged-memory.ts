import { assert } from '../base/index.ts'
import {
  addPages,
  assertBatch,
  type Checksums,
  ChecksumTable,
  compareChecksums,
  freshRoom,
  type KernelMemory,
  kernelMemoryBytesMax,
  MemoryLimitError,
  type PageBatch,
  pagesPerGroup,
  type Room,
} from '../parity/index.ts'
import { BlobPart } from './blob-part.ts'
import type { FirstWrites, PagesAhead } from './first-writes.ts'
import { OutgoingBatch } from './outgoing-batch.ts'
import type { PageRanges } from './page-ranges.ts'
import { PageSpace } from './page-space.ts'
import { CheckpointPins, type PinnedCheckpoint } from './pinned-checkpoint.ts'
import type { CaptureResult, ProtectedMemory, ProtectedMemoryOptions } from './protected-memory.ts'
import type { Region } from './region.ts'

/** Makes the region of the program's pages, and says beforehand what it takes at most. */
export interface ProgramRegionMaker {
  bytesMax(pages: number, pageSizeBytes: number): number
  make(memory: KernelMemory, pages: number, pageSizeBytes: number): Region
}

/** A memory over regions; how changed pages are found is theirs. Throws MemoryLimitError. */
export class PagedMemory implements ProtectedMemory {
  readonly programOffset: number
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #programPages: number
  readonly #space: PageSpace
  readonly #blobs: BlobPart
  readonly #holdings: CheckpointPins
  #kept: readonly number[] = [0]
  /** Nobody has had a chance to write since it was made. */
  #isUntouched = true
  /** Checksums of the oldest kept checkpoint. */
  #settledSums: ChecksumTable
  /** Checksums of the newest, once somebody has asked for them. */
  #newestSums: ChecksumTable | null = null

  constructor(options: ProtectedMemoryOptions, programRegion: ProgramRegionMaker) {
    const { kernels, programBytes, pageSizeBytes, maximumBytes = kernelMemoryBytesMax } = options
    assert(pageSizeBytes > 0 && pageSizeBytes % 16 === 0, 'memory: page size is a multiple of 16')
    this.#pageSizeBytes = pageSizeBytes
    this.#programPages = Math.ceil(programBytes / pageSizeBytes)
    const neededBytes = PagedMemory.bytesMax(programRegion.bytesMax, this.#programPages, pageSizeBytes)
    if (neededBytes > maximumBytes) {
      const size = (programBytes / 2 ** 20).toFixed(1)
      throw new MemoryLimitError(`a program memory of ${size} MiB`, neededBytes, maximumBytes)
    }
    this.#memory = kernels.create({ maximumBytes })
    this.#settledSums = new ChecksumTable(this.#memory, pageSizeBytes)
    const region = programRegion.make(this.#memory, this.#programPages, pageSizeBytes)
    this.#space = new PageSpace(this.#memory, region, pageSizeBytes)
    this.programOffset = this.#programRegion.live
    this.#holdings = new CheckpointPins({
      memory: this.#memory,
      pageSizeBytes,
      regions: () => this.#regions,
      contentOf: (page) => {
        this.#releaseReadings()
        return this.#contentAt(this.kept[0]!, page)
      },
    })
    this.#blobs = new BlobPart({
      pageSizeBytes,
      need: (pages) => this.#space.need(this.#programPages + pages),
      read: (page, bytes) => this.#space.read(this.#programPages + page, bytes),
      write: (page, bytes) => this.#space.write(this.#programPages + page, bytes),
    })
  }

  /** What a fresh memory takes at most, with its checkpoints. */
  static bytesMax(regionBytesMax: ProgramRegionMaker['bytesMax'], pages: number, pageSizeBytes: number): number {
    return regionBytesMax(pages, pageSizeBytes) + PageSpace.bytesMin(pageSizeBytes)
  }

  get buffer(): SharedArrayBuffer {
    this.#requireOpen()
    this.#isUntouched = false
    return this.#memory.buffer
  }

  get captured(): number {
    return this.kept.at(-1)!
  }

  get kept(): readonly number[] {
    this.#requireOpen()
    return this.#kept
  }

  get protectionBytes(): number {
    const [program, ...others] = this.#regions as [Region, ...Region[]]
    return others.reduce(
      (sum, one) => sum + this.#pagesInUse(one) * this.#pageSizeBytes + one.copyBytes,
      program.copyBytes,
    )
  }

  changedPages(): number {
    return this.#programRegion.countChanged()
  }

  writtenPages(): number {
    return this.#programRegion.countWritten()
  }

  capture(checkpoint: number, blobs: ReadonlyMap<string, Uint8Array>): CaptureResult {
    assert(this.kept.length === 1, 'memory: a capture follows the recycling of the one before')
    assert(checkpoint === this.captured + 1, 'memory: captures are numbered without gaps')
    this.#isUntouched = false
    this.#blobs.write(blobs)
    this.#captureRegions((region) => this.#pagesInUse(region))
    this.#kept = [checkpoint - 1, checkpoint]
    const changedPages = this.#regions.reduce((sum, region) => sum + region.changeCount, 0)
    return { changedPages, deltaBytes: changedPages * this.#pageSizeBytes }
  }

  blobs(): Map<string, Uint8Array> {
    this.#requireOpen()
    return this.#blobs.read()
  }

  delta(pagesPerBatch: number, room = freshRoom): Generator<PageBatch> {
    assert(this.kept.length === 2, 'memory: a delta belongs to a capture that is not recycled yet')
    return this.#deltaBatches(this.captured, pagesPerBatch, room)
  }

  checksums(checkpoint: number): Checksums {
    assert(this.kept.includes(checkpoint), 'memory: checksums are of a kept checkpoint')
    return (checkpoint === this.kept[0] ? this.#settledSums : this.#sumsOfNewest()).value()
  }

  recycle(checkpoint: number): void {
    if (checkpoint <= this.kept[0]!) return
    assert(checkpoint === this.captured, 'memory: only what was captured can be committed')
    this.#settle()
  }

  restore(checkpoint: number): void {
    assert(this.kept.includes(checkpoint), 'memory: only to a kept checkpoint can be gone back')
    if (checkpoint === this.captured) this.#settle()
    else this.#revert()
    for (const region of this.#regions) region.restore()
    this.#blobs.reload()
  }

  get pageEnd(): number {
    this.#requireOpen()
    return this.#space.pageEnd
  }

  pages(checkpoint: number, pagesPerBatch: number, coefficient = 1): Generator<PageBatch> {
    assert(this.kept.includes(checkpoint), 'memory: pages are those of a kept checkpoint')
    return this.#batchesOf(checkpoint, pagesPerBatch, coefficient)
  }

  addPages(
    checkpoint: number,
    coefficient: number,
    incoming: PageBatch,
    first: number,
    end: number,
    room = freshRoom,
  ): PageBatch {
    assert(this.kept.includes(checkpoint), 'memory: pages are those of a kept checkpoint')
    const isNewest = checkpoint === this.captured
    const contents = (from: number, to: number): Uint32Array => this.#space.contents(from, to, isNewest)
    const range = { first, end, pageSizeBytes: this.#pageSizeBytes }
    this.#releaseReadings()
    return addPages(this.#memory, { pageEnd: this.pageEnd, contents }, coefficient, incoming, range, room)
  }

  absorb(batch: PageBatch): void {
    const last = batch.numbers.at(-1)
    if (last === undefined) return
    this.#isUntouched = false
    assertBatch(batch, this.#pageSizeBytes)
    this.#space.need(last + 1)
    const targets = this.#space.offsetsToWrite(batch.numbers)
    const holds = new Uint8Array(targets.length).fill(1)
    this.#memory.batches.bring(batch.bytes, targets, holds, Uint8Array.of(1))
  }

  adopt(checkpoint: number, expected: Checksums | null): readonly number[] {
    assert(this.kept.length === 1, 'memory: a rebuild starts from fresh memory')
    this.#isUntouched = false
    this.#captureRegions((region) => region.pages)
    const damaged = expected === null ? [] : compareChecksums(expected, this.#sumsOfNewest().value())
    if (damaged.length > 0) {
      this.#revert()
      return damaged
    }
    this.#settle()
    this.#kept = [checkpoint]
    this.#blobs.reload()
    return damaged
  }

  mark(name: number, keeps: number | null): void {
    this.#holdings.mark(name, keeps)
  }

  pin(since: number | null): PinnedCheckpoint {
    return this.#holdings.hold(this.kept[0]!, this.#settledSums.value(), since)
  }

  populate(): void {
    assert(this.#isUntouched, 'memory: only fresh memory is populated')
    for (const region of this.#regions) region.populate()
  }

  aheadOfRebuild(pages: PageRanges): readonly PagesAhead[] | null {
    assert(this.#isUntouched, 'memory: only fresh memory is rebuilt into')
    return this.#programRegion.aheadOfRebuild(pages)
  }

  aheadOfCapture(resident: (bytes: Uint8Array) => PageRanges): ReturnType<FirstWrites['aheadOfCapture']> {
    return this.#programRegion.aheadOfCapture(resident)
  }

  clear(): void {
    this.#holdings.forget()
    if (this.#isUntouched) return
    for (const region of this.#regions) region.clear()
    this.#settledSums = new ChecksumTable(this.#memory, this.#pageSizeBytes)
    this.#newestSums = null
    this.#kept = [0]
    this.#blobs.reload()
  }

  close(): void {
    if (this.#kept.length === 0) return
    for (const region of this.#regions) region.close()
    this.#kept = []
  }

  /** The garbage collector frees the memory; what is kept of the contract is that nobody uses it any more. */
  #requireOpen(): void {
    assert(this.#kept.length > 0, 'memory: it is not used after it was closed')
  }

  get #regions(): readonly Region[] {
    this.#requireOpen()
    return this.#space.regions
  }

  get #programRegion(): Region {
    return this.#regions[0]!
  }

  #captureRegions(pagesOf: (region: Region) => number): void {
    try {
      for (const region of this.#regions) region.capture(pagesOf(region))
    } catch (error) {
      for (const region of this.#regions) region.revert()
      throw error
    }
  }

  /** The newest checkpoint is the only one from here on. */
  #settle(): void {
    this.#holdings.settling()
    this.#settledSums = this.#sumsOfNewest()
    this.#newestSums = null
    for (const region of this.#regions) region.settle()
    this.#kept = [this.captured]
  }

  /** The checkpoint before the newest is the only one from here on. */
  #revert(): void {
    this.#newestSums = null
    for (const region of this.#regions) region.revert()
    this.#kept = [this.#kept[0]!]
  }

  #sumsOfNewest(): ChecksumTable {
    if (this.#newestSums) return this.#newestSums
    const sums = this.#settledSums.copy()
    for (const batch of this.#changeBatches(pagesPerGroup)) {
      batch.countIn(sums)
      batch.clear()
    }
    this.#newestSums = sums
    return sums
  }

  /** The checksums are counted on the way, while a batch's pages are in the caches. */
  *#deltaBatches(checkpoint: number, pagesPerBatch: number, room: Room): Generator<PageBatch> {
    const requireKept = (): void => {
      assert(this.kept.length === 2 && this.captured === checkpoint, 'memory: a delta is read before it is recycled')
    }
    requireKept()
    const sums = this.#newestSums ? null : this.#settledSums.copy()
    for (const batch of this.#changeBatches(pagesPerBatch)) {
      if (sums) batch.countIn(sums)
      yield batch.leave(room)
      requireKept()
    }
    this.#newestSums ??= sums
  }

  /** The newest capture's changes, each page from its former content to the captured. Each batch leaves before the next. */
  *#changeBatches(pagesPerBatch: number): Generator<OutgoingBatch> {
    const batch = new OutgoingBatch(this.#memory, this.#pageSizeBytes, { pagesMax: pagesPerBatch, coefficient: 1 })
    this.#releaseReadings()
    for (const region of [...this.#regions]) {
      for (let change = 0; change < region.changeCount; change += 1) {
        const index = region.changedIndex(change)
        batch.add(region.firstPage + index, region.captured(index), region.former(change))
        if (!batch.isFull) continue
        yield batch
        this.#releaseReadings()
      }
    }
    if (!batch.isEmpty) yield batch
  }

  *#batchesOf(checkpoint: number, pagesPerBatch: number, coefficient: number): Generator<PageBatch> {
    const size = this.#pageSizeBytes
    const batch = new OutgoingBatch(this.#memory, size, { pagesMax: pagesPerBatch, coefficient })
    this.#releaseReadings()
    for (const region of [...this.#regions]) {
      for (let index = 0; index < region.pages; index += 1) {
        assert(this.kept.includes(checkpoint), 'memory: pages are read while their checkpoint is kept')
        const content = checkpoint === this.captured ? region.captured(index) : region.before(index)
        if (this.#memory.isZero(content, size)) continue
        batch.add(region.firstPage + index, content)
        if (!batch.isFull) continue
        yield batch.leave(freshRoom)
        this.#releaseReadings()
      }
    }
    if (!batch.isEmpty) yield batch.leave(freshRoom)
  }

  /** Offset of what a page holds at a kept checkpoint. */
  #contentAt(checkpoint: number, page: number): number {
    return checkpoint === this.captured ? this.#space.capturedOffset(page) : this.#space.beforeOffset(page)
  }

  /** Each batch is read at one go, without any other call between. */
  #releaseReadings(): void {
    for (const region of this.#regions) region.release()
  }

  /** Pages of a region that anything was ever put in. */
  #pagesInUse(region: Region): number {
    if (region === this.#programRegion) return region.pages
    const used = this.#programPages + this.#blobs.end - region.firstPage
    return Math.max(0, Math.min(region.pages, used))
  }
}
