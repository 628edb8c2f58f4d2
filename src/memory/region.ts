import type { KernelMemory } from '../parity/index.ts'
import type { FirstWrites } from './first-writes.ts'

/**
 * Pages in one piece of the kernel memory, as they are and as they were captured: the newest capture, and the one before
 * it until it is settled. All positions are byte offsets; pages are numbered by their index in the region.
 */
export interface Region extends FirstWrites {
  readonly firstPage: number
  readonly pages: number
  /** Bytes that are held beside the pages themselves, so that checkpoints can be gone back to. */
  readonly copyBytes: number
  /** Offset of the pages as they are, which the program sees. */
  readonly live: number
  /** How many pages the newest capture found changed; none once it is settled. */
  readonly changeCount: number
  /** The page that the `change`-th change is about; ascending. */
  changedIndex(change: number): number
  /** Offset of what that page held before; 0 for zeros. */
  former(change: number): number
  /** Offset of what a page held at the newest capture; 0 for zeros. It stays there until `release`. */
  captured(index: number): number
  /** Offset of what a page held before the newest capture; 0 for zeros. It stays there until `release`. */
  before(index: number): number
  /** What `captured` and `before` have returned so far is not needed any more. */
  release(): void
  /** How many pages were changed since the newest capture; only an estimate while the program runs. */
  countChanged(): number
  /** No more than so many; quicker where writes are noticed. */
  countWritten(): number
  /** The pages from `first` to before `end` are about to be written by others than the program. */
  willWrite(first: number, end: number): void
  /**
   * Captures the first `pages` pages; those behind were never written. Throws MemoryLimitError, or AssertionError if it
   * notices that something writes meanwhile; the changes so far are then still to be reverted.
   */
  capture(pages: number): void
  /** The newest capture stays: the former content is given up. */
  settle(): void
  /** The newest capture is taken back; the pages as they are stay so. */
  revert(): void
  /** The pages become the captured ones. */
  restore(): void
  /** Has the system give these pages and their copies memory. They are zeros, and stay so. */
  populate(): void
  /** All zeros again. */
  clear(): void
  /** Stops noticing writes; to be called before the memory is freed. */
  close(): void
}

export const concurrentWrite = 'memory: nothing writes while a checkpoint is captured'

/** Writes into each page what it holds as long as nobody has written it: a zero. */
export function touch({ bytes }: KernelMemory, start: number, pages: number, pageSizeBytes: number): void {
  for (let page = 0; page < pages; page += 1) bytes[start + page * pageSizeBytes] = 0
}
