import type { PageRanges } from './page-ranges.ts'

/** Knows which pages of one piece of memory were written. It may name more, but never misses one. */
export interface PageWatch {
  /** Pages are noticed from here on; all count as not written yet. */
  arm(): void
  /** Pages are not noticed any more, and writing them costs nothing extra. */
  disarm(): void
  /** The pages written since `arm`, or since the last `take`; from the same instant on they are noticed anew. */
  take(): PageRanges
  /** What `take` would return, without taking it. */
  peek(): PageRanges
  /** The memory's own code is about to write the pages from `first` to before `end`. */
  note(first: number, end: number): void
  /** To be called before the memory is freed. */
  close(): void
}

/** Makes watches over memory that programs write by themselves. */
export interface PageTracker {
  /** Watched memory is made of whole pages of this size, and lies at multiples of it. */
  readonly systemPageBytes: number
  /** Watches `bytes`, which begin with `pages` pages of `pageSizeBytes`. Throws where it cannot. */
  watch(bytes: Uint8Array, pages: number, pageSizeBytes: number): PageWatch
}
