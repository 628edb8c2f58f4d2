import { fc } from '@fast-check/vitest'
import type { PageBatch } from '../../src/parity/index.ts'

export const pageSizeBytes = 16

/** The memory of one processor: any number of pages, many of them zeros. */
export const memoryArbitrary = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 255 })), { maxLength: 12 })
  .map((fills) =>
    Uint8Array.from({ length: fills.length * pageSizeBytes }, (_, i) => fills[i >> 4]! && fills[i >> 4]! ^ (i & 15)),
  )

/** A batch of the pages of `memory` that are not zero. */
export function batchOf(memory: Uint8Array): PageBatch {
  const pages = Array.from({ length: memory.length / pageSizeBytes }, (_, page) => page)
  const pageAt = (page: number): Uint8Array => memory.subarray(page * pageSizeBytes, (page + 1) * pageSizeBytes)
  const numbers = pages.filter((page) => pageAt(page).some((byte) => byte !== 0))
  return { numbers, bytes: Uint8Array.from(numbers.flatMap((page) => [...pageAt(page)])) }
}

/** old XOR now; what one of them lacks at its end counts as zero. */
export function difference(old: Uint8Array, now: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: Math.max(old.length, now.length) }, (_, i) => (old[i] ?? 0) ^ (now[i] ?? 0))
}

/** What batches add up to, without the zeros at the end. */
export function contentOf(batches: Iterable<PageBatch>): number[] {
  const content: number[] = []
  for (const { numbers, bytes } of batches) {
    numbers.forEach((page, i) => {
      for (let at = 0; at < pageSizeBytes; at += 1) content[page * pageSizeBytes + at] = bytes[i * pageSizeBytes + at]!
    })
  }
  return trimmed(Array.from(content, (byte) => byte ?? 0))
}

export function trimmed(bytes: ArrayLike<number>): number[] {
  const all = Array.from(bytes)
  return all.slice(0, all.findLastIndex((byte) => byte !== 0) + 1)
}
