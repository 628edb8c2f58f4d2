import type { PageRanges } from './page-ranges.ts'

/**
 * What a slot says about the old content of its page: that none is kept, that a copy is under way while the page still
 * is as it was, that it was zeros, or, from `first` on, the number of its frame plus `first`.
 */
export const slot = { none: 0, claimed: 1, zeros: 2, first: 3 } as const

/** Old contents of pages. Words are read and written by several threads. */
export interface CopyBuffer {
  /** One for each page: see `slot`. */
  readonly slots: Uint32Array
  /** How many pages have a slot, how many frames are used, then the numbers of these pages in the order they came in. */
  readonly list: Uint32Array
  /** One frame for each page, so that there is always one left. */
  readonly frames: Uint8Array
}

/**
 * Keeps the old content of each protected page in a copy buffer at the first write to it, in whatever thread the write
 * happens, and opens the page then. System calls cannot write protected pages: they fail with EFAULT.
 */
export interface WriteGuard {
  /** Protects these pages, or all. */
  protect(ranges?: PageRanges): void
  /** Opens all pages: writes are not noticed any more. */
  open(): void
  /** Old contents go to this buffer from now on; to the first until it is called. */
  copyTo(buffer: 0 | 1): void
  /** First writes wait from here until `resume`; none is at work when this returns. */
  pause(): void
  resume(): void
  /** How many first writes have waited since the newest pause began. */
  waited(): number
  /** Gives memory of frames back to the system; what they hold is lost. */
  discard(frames: Uint8Array): void
  /** To be called before the memory is freed. */
  close(): void
}

/** Makes guards. */
export interface WriteGuards {
  /** Pages of guarded memory have this size, and lie at multiples of it. */
  readonly systemPageBytes: number
  /** Guards `live`, with no page protected yet. Throws where it cannot. */
  guard(live: Uint8Array, buffers: readonly [CopyBuffer, CopyBuffer]): WriteGuard
}
