import { assert } from '../base/index.ts'

/**
 * Pages by number with their content, as they travel in deltas and images: page `numbers[i]` is
 * `bytes[i * pageSizeBytes, (i + 1) * pageSizeBytes)`. Numbers ascend and are unique within a batch.
 */
export interface PageBatch {
  readonly numbers: readonly number[]
  readonly bytes: Uint8Array
}

/** Pages that share one checksum. */
export const pagesPerGroup = 64

export function assertBatch({ numbers, bytes }: PageBatch, pageSizeBytes: number): void {
  assert(bytes.length === numbers.length * pageSizeBytes, 'pages: a batch holds one page for each number')
}

/**
 * Checksum of one processor's checkpoint: 8 bytes for each group of pages, the XOR of the hashes of its pages. A page of
 * zeros adds nothing, so memory that was never touched needs no checksum.
 */
export type Checksums = Uint8Array
