import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import { type Extent, ExtentMap } from '../../src/memory/extents.ts'

test.prop([fc.array(fc.oneof(fc.record({ take: fc.nat(6) }), fc.record({ free: fc.nat() })), { maxLength: 60 })])(
  'extents never overlap, and a map made anew goes on as the old one would',
  (actions) => {
    const map = new ExtentMap([])
    const taken: Extent[] = []
    for (const action of actions) {
      if ('take' in action) taken.push({ start: map.take(action.take), pages: action.take })
      else if (taken.length > 0) map.free(taken.splice(action.free % taken.length, 1)[0]!)
      const pages = taken.flatMap(({ start, pages }) => Array.from({ length: pages }, (_, i) => start + i))
      expect(new Set(pages).size).toBe(pages.length)
      expect(map.end).toBe(Math.max(0, ...pages.map((page) => page + 1)))
      for (const count of [1, 2, 5]) {
        const start = map.take(count)
        expect(new ExtentMap(taken).take(count)).toBe(start)
        map.free({ start, pages: count })
      }
    }
  },
)

it('asserts that only what is taken is freed, and that nothing is taken twice', () => {
  const map = new ExtentMap([{ start: 4, pages: 2 }])
  expect(() => map.free({ start: 0, pages: 1 })).toThrow(AssertionError)
  expect(() => map.free({ start: 5, pages: 2 })).toThrow(AssertionError)
  expect(
    () =>
      new ExtentMap([
        { start: 0, pages: 3 },
        { start: 2, pages: 1 },
      ]),
  ).toThrow(AssertionError)
})
