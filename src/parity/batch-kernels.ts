/**
 * Loops over many pages at once: pages side by side in bytes outside the kernel memory, against pages at offsets inside
 * it, and runs of tracked pages. Offset 0 stands for a page of zeros; targets are never 0 and all different. Coefficients are over GF(2^8).
 */
export interface BatchKernels {
  /**
   * Adds pages to one or several rows: at = row * number of pages + i, then the page at targets[at] becomes
   * coefficients[row] * page i of `bytes`, plus what it held before where holds[at] is 1. Afterwards holds[at] is 1
   * where that is not zero, else 0. Throws MemoryLimitError, with nothing changed.
   */
  bring(bytes: Uint8Array, targets: Uint32Array, holds: Uint8Array, coefficients: Uint8Array): void
  /** Page i of `out` = coefficient * page at sources[i] + page at bases[i]. Throws MemoryLimitError. */
  take(sources: Uint32Array, bases: Uint32Array, coefficient: number, out: Uint8Array): void
  /**
   * Pages of `out`, which has room for all: coefficient * page at own[i] + page arrivals[i] of `incoming`, where -1 is
   * none; arrivals ascend. Those of zeros are left out: holds[i] is 1 for those that are there, else 0. Returns how many
   * are there. Throws MemoryLimitError.
   */
  sum(
    incoming: Uint8Array,
    arrivals: Int32Array,
    own: Uint32Array,
    holds: Uint8Array,
    coefficient: number,
    out: Uint8Array,
  ): number
  /**
   * XORs the hash of each page at offsets[i], as the page of that number, into the 8 bytes of its group in `sums`, whose
   * groups begin with the page numbers 0, 64, 128 and so on. Offset 0 counts nothing. See KernelMemory.addHash.
   */
  addHashes(offsets: Uint32Array, numbers: Uint32Array, pageSizeBytes: number, sums: Uint32Array): void
  /** The page at targets[i] += the page at sources[i]; holds[i] is 1 then where that is not zero, else 0. */
  fold(targets: Uint32Array, sources: Uint32Array, pageSizeBytes: number, holds: Uint8Array): void
  /**
   * As KernelMemory.captureChanged, for the pages of `ranges` from page `from` on: the first page of each run and the one
   * after its last, in turn. The tables have room for `pages`. Returns the page that it stopped at for want of a free
   * frame, else the end of the last run.
   */
  captureChanged(
    live: number,
    shadow: number,
    pageSizeBytes: number,
    ranges: Uint32Array,
    pages: number,
    from: number,
    free: number,
    changes: number,
  ): number
  /** How many pages of `ranges` differ from their shadows. */
  countChanged(live: number, shadow: number, pageSizeBytes: number, ranges: Uint32Array): number
  /** Copies each shadow of these pages over its page where they differ. */
  restoreChanged(live: number, shadow: number, pageSizeBytes: number, ranges: Uint32Array): void
}
