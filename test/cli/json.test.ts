import { expect, test } from 'vitest'
import { jsonSafe } from '../../src/cli/json-safe.ts'

test.each([
  ['typed arrays', Float64Array.of(1.5, Number.NaN), [1.5, 'NaN']],
  ['arrays of bigints', BigInt64Array.of(-1n), ['-1']],
  ['bigints', 2n ** 70n, '1180591620717411303424'],
  ['what is missing', undefined, null],
  ['what is missing inside', { a: undefined, b: [undefined] }, { a: null, b: [null] }],
  ['infinities', Number.NEGATIVE_INFINITY, '-Infinity'],
  ['maps with texts as keys', new Map([['a', 1n]]), { a: '1' }],
  ['other maps', new Map([[1, new Set([2])]]), [[1, [2]]]],
  ['bytes', Uint8Array.of(1, 2).buffer, [1, 2]],
  ['views', new DataView(Uint8Array.of(1, 2).buffer, 1), [2]],
  ['dates', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['wrong dates', new Date(Number.NaN), null],
  ['errors', new RangeError('far'), { name: 'RangeError', message: 'far' }],
  ['patterns', /a/g, '/a/g'],
  ['plain values', { text: 'a', yes: true, none: null, list: [1] }, { text: 'a', yes: true, none: null, list: [1] }],
])('%s', (_, value, expected) => {
  expect(jsonSafe(value)).toEqual(expected)
})

test('circles are cut, and what is only named twice is kept', () => {
  const twice = { value: 1 }
  const circle: Record<string, unknown> = { first: twice, second: twice }
  circle.self = circle
  expect(jsonSafe(circle)).toEqual({ first: { value: 1 }, second: { value: 1 }, self: '[circular]' })
})
