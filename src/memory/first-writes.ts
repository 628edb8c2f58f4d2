import type { PageRanges } from './page-ranges.ts'

/** Memory that is about to be written for the first time: pages, numbered from the beginning of `bytes`. */
export interface PagesAhead {
  readonly bytes: Uint8Array
  readonly pages: PageRanges
}

/** What is about to be written for the first time, so that it can be touched before. */
export interface FirstWrites {
  /**
   * What a rebuild of fresh memory writes for the first time, page by page, if these pages of the program's are not zeros.
   * Whoever touches it, which is to write zeros over zeros in one step, at whatever time, changes nothing. Null where
   * only `populate` can.
   */
  aheadOfRebuild(pages: PageRanges): readonly PagesAhead[] | null
  /**
   * The same for the next capture, as far as it can be told by now, between two steps or during one; each page once.
   * `inUse`: the program's pages that it has to do with. `resident`: which pages of `bytes` the system has given memory.
   */
  aheadOfCapture(resident: (bytes: Uint8Array) => PageRanges): {
    readonly inUse: PageRanges
    readonly ahead: readonly PagesAhead[]
  }
}
