import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { NotedPages } from '../../src/memory/noted-pages.ts'
import {
  countPages,
  noPages,
  type PageRanges,
  rangesOf,
  scale,
  split,
  unite,
  without,
} from '../../src/memory/page-ranges.ts'

const pagesArbitrary = fc.uniqueArray(fc.nat(40)).map((pages) => pages.sort((a, b) => a - b))

function pagesOf(ranges: PageRanges): number[] {
  const pages: number[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    expect(ranges[i]!).toBeLessThan(ranges[i + 1]!)
    // Runs that touch are one run.
    if (i > 0) expect(ranges[i]!).toBeGreaterThan(ranges[i - 1]!)
    for (let page = ranges[i]!; page < ranges[i + 1]!; page += 1) pages.push(page)
  }
  return pages
}

const union = (...sets: number[][]): number[] => [...new Set(sets.flat())].sort((a, b) => a - b)

test.prop([pagesArbitrary])('ranges hold the pages that they are made of', (pages) => {
  expect(pagesOf(rangesOf(pages))).toEqual(pages)
  expect(countPages(rangesOf(pages))).toBe(pages.length)
})

test.prop([pagesArbitrary, pagesArbitrary])('a union holds the pages of both', (left, right) => {
  expect(pagesOf(unite(rangesOf(left), rangesOf(right)))).toEqual(union(left, right))
})

test.prop([pagesArbitrary, pagesArbitrary])(
  'a difference holds the pages of one without those of the other',
  (one, other) => {
    const left = one.filter((page) => !other.includes(page))
    expect(pagesOf(without(rangesOf(one), rangesOf(other)))).toEqual(left)
  },
)

test.prop([pagesArbitrary, fc.nat(45)])('a split holds the first pages and the others', (pages, count) => {
  const [first, others] = split(rangesOf(pages), count)
  expect(pagesOf(first)).toEqual(pages.slice(0, count))
  expect(pagesOf(others)).toEqual(pages.slice(count))
})

test.prop([pagesArbitrary, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(60)])(
  'scaled ranges hold every page that overlaps, below the end, and no other',
  (pages, fromBytes, toBytes, end) => {
    const bytes = pages.flatMap((page) => Array.from({ length: fromBytes }, (_, i) => page * fromBytes + i))
    const expected = union(bytes.map((byte) => Math.floor(byte / toBytes))).filter((page) => page < end)
    expect(pagesOf(scale(rangesOf(pages), fromBytes, toBytes, end))).toEqual(expected)
  },
)

test.prop([fc.array(fc.tuple(fc.nat(19), fc.nat(5)))])('noted pages are told once', (notes) => {
  const noted = new NotedPages(25)
  const expected = union(notes.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i)))
  for (const [first, count] of notes) noted.note(first, first + count)
  expect(pagesOf(noted.peek())).toEqual(expected)
  expect(pagesOf(noted.take())).toEqual(expected)
  expect(noted.take()).toEqual(noPages)
})

it('noted pages are forgotten when noting begins anew', () => {
  const noted = new NotedPages(4)
  noted.note(1, 3)
  noted.arm()
  expect(noted.peek()).toEqual(noPages)
})
