import { describe, expect, test } from 'vitest'
import { differenceBetween, shown } from '../../src/testing/differences.ts'

class Point {
  x = 1
}

const circle = (): object => {
  const one: { self?: object; value: number } = { value: 1 }
  one.self = one
  return one
}

describe('no difference', () => {
  test.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [undefined, undefined],
    [{ a: [1, { b: 2n }] }, { a: [1, { b: 2n }] }],
    [Float64Array.of(1, Number.NaN), Float64Array.of(1, Number.NaN)],
    [new Map([['k', [1]]]), new Map([['k', [1]]])],
    [new Set([1, 'a']), new Set([1, 'a'])],
    [new Date(5), new Date(5)],
    [new Error('x'), new Error('x')],
    [new ArrayBuffer(3), new ArrayBuffer(3)],
    [circle(), circle()],
  ])('%o', (first, other) => {
    expect(differenceBetween(first, other)).toBeNull()
  })
})

describe('a difference is told with its path', () => {
  test.each<[first: unknown, other: unknown, path: string]>([
    [1, 2, ''],
    [0, -0, ''],
    [1, '1', ''],
    [{ rows: [1, 2, 3] }, { rows: [1, 2, 4] }, '.rows[2]'],
    [{ a: 1 }, {}, '.a'],
    [{}, { a: undefined, b: 1 }, '.b'],
    [[1, 2], [1], '.length'],
    [Float64Array.of(1, 2), Float64Array.of(1, 3), '[1]'],
    [Float64Array.of(1), Float32Array.of(1), ''],
    [new Map([['k', { x: 1 }]]), new Map([['k', { x: 2 }]]), '[0][1].x'],
    [new Set([1, 2]), new Set([1, 3]), '[1]'],
    [new Date(5), new Date(6), ''],
    [new Error('x'), new Error('y'), '.message'],
    [new Error('x', { cause: { at: 1 } }), new Error('x', { cause: { at: 2 } }), '.cause.at'],
    [Uint8Array.of(1, 2).buffer, Uint8Array.of(1, 3).buffer, '[1]'],
    [new Point(), { x: 1 }, ''],
  ])('%o and %o', (first, other, path) => {
    expect(differenceBetween(first, other)?.path).toBe(path)
  })

  test('both values come with it', () => {
    expect(differenceBetween({ a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] })).toEqual({
      ...{ path: '.a[1].b', first: 'x', other: 'y' },
    })
  })
})

test('a value is shown in one short line', () => {
  expect(shown({ a: 'text', b: [1, 2n] })).toBe("{ a: 'text', b: [ 1, 2n ] }")
  const long = shown(Array.from({ length: 1000 }, (_, index) => ({ index, text: 'x'.repeat(100) })))
  expect(long.length).toBe(100)
  expect(long).not.toContain('\n')
})
