import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { PageTable } from '../../src/parity/page-table.ts'

/** Numbers that lie close together, at the places where the table grows, and far away. */
const page = fc.oneof(fc.nat(10), fc.constantFrom(62, 63, 64, 65, 127, 128, 129), fc.nat(5000))
const offset = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 32 - 1 }))
const act = fc.oneof(
  { weight: 20, arbitrary: fc.record({ page, offset }) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
)

test.prop([fc.array(act, { maxLength: 200 }), page, page])(
  'answers like a map whose missing pages lie at 0',
  (acts, one, other) => {
    const table = new PageTable()
    const model = new Map<number, number>()
    for (const next of acts) {
      if (next === 'clear') {
        table.clear()
        model.clear()
        continue
      }
      table.set(next.page, next.offset)
      if (next.offset === 0) model.delete(next.page)
      else model.set(next.page, next.offset)
      expect(table.size).toBe(model.size)
      expect(table.get(next.page)).toBe(next.offset)
    }
    expect(table.pages()).toEqual([...model.keys()].sort((some, others) => some - others))
    const [first, end] = one < other ? [one, other] : [other, one]
    const offsets = Array.from({ length: end - first }, (_, index) => model.get(first + index) ?? 0)
    expect([...table.slice(first, end)]).toEqual(offsets)
  },
)

it('gives slices that later changes do not reach', () => {
  const table = new PageTable()
  table.set(3, 16)
  const slice = table.slice(0, 5)
  table.set(3, 32)
  expect([...slice]).toEqual([0, 0, 0, 16, 0])
})

it('forgets what was beyond its end before it was cleared', () => {
  const table = new PageTable()
  table.set(1000, 16)
  table.clear()
  table.set(1001, 32)
  expect(table.get(1000)).toBe(0)
  expect(table.pages()).toEqual([1001])
})
