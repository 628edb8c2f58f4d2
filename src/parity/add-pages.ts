import { assert } from '../base/index.ts'
import { isByte } from './field.ts'
import type { KernelMemory } from './kernel-memory.ts'
import { assertBatch, type PageBatch } from './pages.ts'
import type { Room } from './room.ts'

/** Pages that lie in a kernel memory. */
export interface OwnPages {
  /** All pages that are not zero lie below this one. */
  readonly pageEnd: number
  /** Offsets of the content of the pages from `first` to before `end`; 0 for one of zeros. */
  contents(first: number, end: number): Uint32Array
}

const none = new Uint32Array(0)

/**
 * incoming + coefficient * own pages with numbers in [first, end): what one link of a pipelined reduction passes on.
 * Pages of zeros are left out, and the others lie where `room` says. Throws MemoryLimitError.
 */
export function addPages(
  memory: KernelMemory,
  own: OwnPages,
  coefficient: number,
  incoming: PageBatch,
  range: { readonly first: number; readonly end: number; readonly pageSizeBytes: number },
  room: Room,
): PageBatch {
  assert(isByte(coefficient) && coefficient !== 0, 'image: what is added counts')
  assertBatch(incoming, range.pageSizeBytes)
  const ownEnd = Math.min(range.end, own.pageEnd)
  const pagesMax = incoming.numbers.length + Math.max(0, ownEnd - range.first)
  const numbers: number[] = []
  const arrivals = new Int32Array(pagesMax)
  const contents = new Uint32Array(pagesMax)
  const ownContents = range.first < ownEnd ? own.contents(range.first, ownEnd) : none
  let arrived = 0
  let page = range.first
  for (;;) {
    const next = incoming.numbers[arrived] ?? Number.POSITIVE_INFINITY
    if (page >= ownEnd && next === Number.POSITIVE_INFINITY) break
    const number = page < ownEnd ? Math.min(page, next) : next
    const content = number === page && page < ownEnd ? ownContents[page++ - range.first]! : 0
    if (number !== next && content === 0) continue
    arrivals[numbers.length] = number === next ? arrived++ : -1
    contents[numbers.length] = content
    numbers.push(number)
  }
  const count = numbers.length
  const holds = new Uint8Array(count)
  const [places, offsets] = [arrivals.subarray(0, count), contents.subarray(0, count)]
  const out = room(count * range.pageSizeBytes)
  const there = memory.batches.sum(incoming.bytes, places, offsets, holds, coefficient, out)
  if (there === count) return { numbers, bytes: out }
  return { numbers: numbers.filter((_, i) => holds[i] === 1), bytes: out.subarray(0, there * range.pageSizeBytes) }
}
