import type { Checksums, KernelModule, PageBatch, Room } from '../parity/index.ts'
import type { FirstWrites } from './first-writes.ts'
import type { PinnedCheckpoint } from './pinned-checkpoint.ts'

export interface ProtectedMemoryOptions {
  readonly kernels: KernelModule
  /** The program's part, which never changes its size or place. */
  readonly programBytes: number
  /** A multiple of 16. */
  readonly pageSizeBytes: number
  /** The most that memory and checkpoints may take together; 4 GiB unless said otherwise, which is also the limit. */
  readonly maximumBytes?: number
}

export interface CaptureResult {
  readonly changedPages: number
  readonly deltaBytes: number
}

/**
 * The memory of one application processor with its checkpoints. Two parts: the program's, of fixed size, and after it
 * a growing one that stores named blobs (the protocol's state, logged messages, vars). In deltas and images page 0 is
 * the program's first, and the blobs' pages follow the program's last. Fresh memory is all zeros, which is checkpoint 0.
 *
 * At most two checkpoints are kept: the newest captured, and the one before until the newest is recycled. Broken
 * preconditions are assertions; memory that does not fit throws MemoryLimitError, after which `restore` still works.
 */
export interface ProtectedMemory extends FirstWrites {
  /** Shared between threads. Views on it stay valid for good, since it grows behind the program's part. */
  readonly buffer: SharedArrayBuffer
  /** Where the program's part begins in `buffer`, in bytes; a multiple of the page size. */
  readonly programOffset: number
  /** Number of the newest captured checkpoint. */
  readonly captured: number
  /** Checkpoints that can be gone back to, ascending: [c] or [c - 1, c]. */
  readonly kept: readonly number[]
  /** Bytes that are held beside the program's part: copies of it, and the blobs with theirs. */
  readonly protectionBytes: number
  /** Pages changed since the newest capture, or written in lean memory. Only an estimate while a step runs. */
  changedPages(): number
  /** No more than so many; quicker where writes are noticed, and all of them where they are not. */
  writtenPages(): number
  /**
   * Captures memory and blobs as `checkpoint`, which must be `captured + 1`, with only `captured` kept. No step may
   * run meanwhile: what is noticed of one makes the capture fail, with nothing changed. The blobs' bytes must not be
   * changed afterwards: one passed again as the same object is not written again.
   */
  capture(checkpoint: number, blobs: ReadonlyMap<string, Uint8Array>): CaptureResult
  /** The blobs of the newest captured checkpoint, as copies, in the order they were captured in. */
  blobs(): Map<string, Uint8Array>
  /**
   * Old XOR new content of the pages that the newest capture found changed, where `room` says, or in memory of its own.
   * Not to be read on once it is recycled.
   */
  delta(pagesPerBatch: number, room?: Room): Generator<PageBatch>
  /** The checksums of a kept checkpoint. */
  checksums(checkpoint: number): Checksums
  /** `checkpoint` is committed: forgets the one before it. Does nothing if that is done already. */
  recycle(checkpoint: number): void
  /** Brings memory and blobs back to a kept checkpoint, byte for byte, and keeps only that one. No step may run. */
  restore(checkpoint: number): void
  /** One past the last page that may hold anything. */
  readonly pageEnd: number
  /** The pages of a kept checkpoint that are not zero, times `coefficient`. To be read on only as long as it is kept. */
  pages(checkpoint: number, pagesPerBatch: number, coefficient?: number): Generator<PageBatch>
  /**
   * What a link in the chain of a rebuild passes on: incoming + coefficient * the pages of kept checkpoint `checkpoint`
   * with numbers in [first, end), over GF(2^8). Pages that are zero in the sum are left out.
   */
  addPages(
    checkpoint: number,
    coefficient: number,
    incoming: PageBatch,
    first: number,
    end: number,
    room?: Room,
  ): PageBatch
  /** memory ^= batch, on a fresh or cleared memory that is being rebuilt. */
  absorb(batch: PageBatch): void
  /**
   * Ends a rebuild: what was absorbed is `checkpoint`. Returns the numbers of the page groups whose checksums are
   * not the expected ones; unless there are none, nothing is adopted. `null` skips the comparison.
   */
  adopt(checkpoint: number, expected: Checksums | null): readonly number[]
  /**
   * Begins to gather under `name` which pages of committed checkpoints change from the oldest kept one on. Of the marks
   * made before only `keeps` stays.
   */
  mark(name: number, keeps: number | null): void
  /**
   * The oldest kept checkpoint, to be read while the memory goes on, and also after it is kept no more. `since`: a mark;
   * if it is still known, only pages that changed since then. One at a time; `clear` ends it.
   */
  pin(since: number | null): PinnedCheckpoint
  /** Has the system give fresh memory its pages now, zeros all the same, so that their first writes cost no more. */
  populate(): void
  /** Back to fresh memory. No step may run. */
  clear(): void
  /** Lets go of the memory; nothing may be called afterwards. */
  close(): void
}
