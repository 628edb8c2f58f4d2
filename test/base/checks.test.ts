/** What is wrong with what came in is told by where in it and what, whatever it is. */
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import {
  bytes,
  type Check,
  count,
  flag,
  listOf,
  number,
  object,
  objectOf,
  oneOf,
  orMissing,
  orNull,
  positive,
  problemWith,
  someOf,
  text,
  variantOf,
  when,
} from '../../src/base/index.ts'

type Shape =
  | { readonly kind: 'circle'; readonly radius: number; readonly label?: string }
  | { readonly kind: 'path'; readonly corners: readonly { readonly x: number; readonly tags: readonly string[] }[] }

const shape = variantOf<Shape, 'kind'>(
  {
    circle: { radius: positive, label: orMissing(text) },
    path: { corners: someOf(objectOf<{ x: number; tags: readonly string[] }>({ x: number, tags: listOf(text) })) },
  },
  'kind',
)

it.each([
  [{ kind: 'circle', radius: 1 }, null],
  [{ kind: 'circle', radius: 1, label: 'a' }, null],
  [{ kind: 'path', corners: [{ x: 0, tags: ['a'] }] }, null],
  [{ kind: 'circle', radius: 0 }, "a shape of kind 'circle': radius is 0, not a number above 0"],
  [{ kind: 'circle' }, "a shape of kind 'circle': radius is missing"],
  [{ kind: 'circle', radius: 1, label: null }, "a shape of kind 'circle': label is nothing, not a text"],
  [{ kind: 'path', corners: [] }, "a shape of kind 'path': corners is a list of 0, not a list with something in it"],
  [
    {
      kind: 'path',
      corners: [
        { x: 0, tags: [] },
        { x: 0, tags: ['a', 'b', 7] },
      ],
    },
    "a shape of kind 'path': corners[1].tags[2] is 7, not a text",
  ],
  [{ kind: 'path', corners: [[]] }, "a shape of kind 'path': corners[0] is a list of 0, not an object"],
  [{ kind: 'toString' }, "a shape of kind 'toString', which there is not"],
  [{}, 'a shape of kind nothing, which there is not'],
  [null, 'a shape is nothing, not an object'],
  [[], 'a shape is a list of 0, not an object'],
])('%j', (value, problem) => {
  expect(problemWith('a shape', value, shape)).toBe(problem)
})

it.each<readonly [string, Check, readonly unknown[], readonly unknown[]]>([
  ['count', count, [0, 7, 2 ** 53 - 1], [-1, 1.5, 2 ** 53, Number.NaN, '7', 7n, null]],
  ['number', number, [0, -1.5], [Number.POSITIVE_INFINITY, Number.NaN, '7']],
  ['positive', positive, [0.1], [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '7']],
  ['flag', flag, [true, false], [0, 'true']],
  ['bytes', bytes, [new Uint8Array(0)], [[], new Uint16Array(1), new ArrayBuffer(1)]],
  ['object', object, [{}], [[], null, 'x', () => {}]],
  ['oneOf', oneOf(['a', 'b']), ['a', 'b'], ['c', ['a'], 0]],
  ['orNull', orNull(count), [null, 1], [undefined, -1]],
  ['orMissing', orMissing(count), [undefined, 1], [null, -1]],
  ['when', when('even', (value) => value === 2), [2], [3]],
])('%s', (_, check, right, wrong) => {
  for (const value of right) expect(check(value)).toBeNull()
  for (const value of wrong) expect(check(value)).toMatch(/^ (?:is .+, not .+|is missing)$/)
})

test.prop([fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true })])(
  'anything is judged in one line, without throwing',
  (value) => {
    for (const one of [value, { kind: 'path', corners: value }, { kind: 'path', corners: [value] }]) {
      expect(problemWith('a shape', one, shape) ?? 'fine').toMatch(/^[^\n]{1,200}$/)
    }
  },
)
