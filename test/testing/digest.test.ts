import { expect, test } from 'vitest'
import { digestElements, digestOf } from '../../src/testing/digest.ts'

/** The same numbers, small integers in the one and doubles in the other inside the engine. */
const small = Array.from({ length: 3000 }, (_, index) => index)
const double = Array.from({ length: 3000 }, (_, index) => index + 0.5).map((value) => value - 0.5)
const emptied: unknown[] = ['text', ...small]
emptied.shift()
const wide = ['ab', 'ü', '\u{1f600}']
const cut = wide.map((text) => `€${text}`.slice(1))

const shared = { a: 1 }
const twice = (one: object, other: object) => ({ first: one, second: other })
const circle = (): object => {
  const one: { self?: object } = {}
  one.self = one
  return one
}
const late: { [name: string]: number } = { gone: 0, b: 2, a: 1 }
delete late.gone

test.each<[what: string, first: unknown, other: unknown]>([
  ['whole numbers kept as doubles', small, double],
  ['elements that were of all kinds', small, emptied],
  ['texts that were cut out of others', wide, cut],
  ['names in another order', { a: 1, b: 2 }, late],
  ['any NaN', [Number.NaN, Float64Array.of(Number.NaN)], [-Number.NaN, oddNaN()]],
  ['a part of a buffer', Uint8Array.of(2, 3), Uint8Array.of(1, 2, 3, 4).subarray(1, 3)],
  ['what is shared', twice(shared, shared), twice(shared, shared)],
  ['circles', circle(), circle()],
  ['maps and sets', new Map<unknown, unknown>([['k', new Set([1, [2]])]]), new Map([['k', new Set([1, [2]])]])],
  ['errors from other places', new Error('x', { cause: 1 }), ((): Error => new Error('x', { cause: 1 }))()],
  ['dates, patterns, boxes', [new Date(3), /a/g, Object(1n)], [new Date(3), /a/g, Object(1n)]],
])('%s: the same', (_, first, other) => {
  expect(digestOf(first)).toEqual(digestOf(other))
  expect(digestOf(first)).not.toBeNull()
})

test.each<[first: unknown, other: unknown]>([
  [0, -0],
  [1, '1'],
  [1, 1n],
  [null, undefined],
  [
    [1, 23],
    [12, 3],
  ],
  [
    ['a', 'b'],
    ['ab', ''],
  ],
  ['\ud800', '\ud801'],
  [{ a: 1 }, { a: 2 }],
  [{ a: undefined }, {}],
  [[[]], [[], []]],
  [[], {}],
  [new Array(3), [undefined]],
  [Object.assign([1], { name: 1 }), Object.assign([1], { name: 2 })],
  [Uint8Array.of(1), Int8Array.of(1)],
  [Float64Array.of(1), Float64Array.of(2)],
  [new Map([[1, 2]]), new Map([[2, 1]])],
  [new Map([[1, 2]]), new Set([1, 2])],
  [new Error('x', { cause: 1 }), new Error('x', { cause: 2 })],
  [new Date(1), new Date(2)],
  [/a/g, /a/i],
  [twice(shared, shared), twice(shared, { a: 1 })],
])('%o and %o: not the same', (first, other) => {
  expect(digestOf(first)?.digest).not.toBe(digestOf(other)?.digest)
})

test('a sparse array takes no longer than what is in it', () => {
  const sparse: number[] = []
  sparse[4e8] = 1
  const beganMs = performance.now()
  expect(digestOf(sparse)).not.toBeNull()
  expect(performance.now() - beganMs).toBeLessThan(1000)
})

test.each<[what: string, value: unknown]>([
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a weak map', new WeakMap()],
  ['a proxy', new Proxy({}, {})],
  ['a URL', new URL('http://a')],
])('what no program can keep has none: %s', (_, value) => {
  expect(digestOf({ value })).toBeNull()
})

test('nor has what throws when it is read', () => {
  const throwing = {
    get x(): number {
      throw new Error('no')
    },
  }
  expect(digestOf(throwing)).toBeNull()
})

test('elements are the same with any NaN', () => {
  expect(digestElements(oddNaN())).toBe(digestElements(Float64Array.of(Number.NaN)))
  expect(digestElements(new Float32Array(Uint32Array.of(0xffc00001).buffer))).toBe(
    digestElements(Float32Array.of(Number.NaN)),
  )
  expect(digestElements(Float64Array.of(1, 2))).not.toBe(digestElements(Float64Array.of(1, 3)))
})

/** A NaN as computing gives it on some processors. */
function oddNaN(): Float64Array {
  return new Float64Array(BigUint64Array.of(0xfff8_0000_0000_0001n).buffer)
}
