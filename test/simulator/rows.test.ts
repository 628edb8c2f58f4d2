import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { Rows } from '../../src/simulator/exhaustive/rows.ts'

const word = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))

test.prop([
  fc.integer({ min: 1, max: 70 }).chain((width) => fc.array(fc.array(word, { minLength: width, maxLength: width }))),
])('rows come back in order, as they were', (written) => {
  const rows = new Rows(written[0]?.length ?? 1)
  for (const row of written) rows.add(Int32Array.from(row))
  expect(rows.count).toBe(written.length)
  const row = new Int32Array(written[0]?.length ?? 1).fill(7)
  for (const expected of written) {
    rows.read(row)
    expect([...row]).toEqual(expected)
  }
})

it('over many blocks, in little more memory than what is not zero takes', () => {
  const width = 64
  const count = 40_000
  const rows = new Rows(width)
  const row = new Int32Array(width)
  for (let number = 0; number < count; number += 1) {
    row.fill(0)
    for (let at = 0; at < 16; at += 1) row[(number + 3 * at) % width] = number + at + 1
    rows.add(row)
  }
  expect(rows.bytes).toBeLessThan(count * (16 + 2) * 4 + 2 * 2 ** 20)
  for (let number = 0; number < count; number += 1) {
    rows.read(row)
    expect(row[number % width]).toBe(number + 1)
    expect(row.reduce((sum, one) => sum + (one === 0 ? 0 : 1), 0)).toBe(16)
  }
})
