/** The header of a NumPy file: whatever Python would read is read as Python reads it, or refused in one line. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type Literal, readLiteral } from '../../programs/matrix-multiplication/python-literal.ts'
import { isUsageError } from '../../src/base/index.ts'

const read = (source: string): Literal => readLiteral(source, 'a.npy')

/** A value and one of the many ways to write it. */
interface Written {
  readonly value: Literal
  readonly source: string
}

const spaces = fc.constantFrom('', '', ' ', '  ', '\n', '\t', ' # why\n', '\\\n')

const texts: fc.Arbitrary<Written> = fc
  .array(
    fc.record({
      quote: fc.constantFrom("'", '"'),
      prefix: fc.constantFrom('', '', 'u', 'U'),
      body: fc.string({ unit: fc.constantFrom('a', '<', '8', "'", '"', '\\', '\n', '#', ' ', 'é', '\u0001') }),
      byCode: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => ({
    value: parts.map(({ body }) => body).join(''),
    source: parts
      .map(({ quote, prefix, body, byCode }) => `${prefix}${quote}${escaped(body, quote, byCode)}${quote}`)
      .join(' '),
  }))

function escaped(body: string, quote: string, byCode: boolean): string {
  const one = (character: string): string => {
    const code = character.charCodeAt(0).toString(16)
    if (byCode) return character < 'g' ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
    if (character === '\n') return '\\n'
    return character === quote || character === '\\' ? `\\${character}` : character
  }
  return [...body].map(one).join('')
}

const numbers: fc.Arbitrary<Written> = fc
  .tuple(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.constantFrom('', 'L', 'l'), fc.constantFrom(10, 16, 8, 2))
  .map(([value, end, base]) => {
    const sign = value < 0n ? '-' : ''
    const prefix = { 10: '', 16: '0x', 8: '0o', 2: '0b' }[base]
    return { value, source: `${sign}${prefix}${(value < 0n ? -value : value).toString(base)}${end}` }
  })

const constants = fc.constantFrom<Written>(
  { value: true, source: 'True' },
  { value: false, source: 'False' },
  { value: null, source: 'None' },
)

const sequence = (items: readonly Written[], gap: string, comma: string): string =>
  items.map(({ source }) => `${gap}${source}${gap}`).join(',') + (items.length > 0 ? comma : '')

const { literal: literals } = fc.letrec<{ literal: Written }>((tie) => {
  const items = fc.array(tie('literal'), { maxLength: 4 })
  const pairs = fc.uniqueArray(fc.tuple(fc.oneof(texts, numbers), tie('literal')), {
    maxLength: 4,
    selector: ([key]) => key.value,
  })
  const lists = fc.tuple(items, spaces, fc.constantFrom('', ',', ' ,\n')).map(([all, gap, comma]) => ({
    value: all.map(({ value }) => value),
    source: `[${sequence(all, gap, comma)}]`,
  }))
  const tuples = fc.tuple(items, spaces, fc.constantFrom('', ',')).map(([all, gap, comma]) => ({
    value: all.map(({ value }) => value),
    source: `(${sequence(all, gap, all.length === 1 ? ',' : comma)}${gap})`,
  }))
  const dictionaries = fc.tuple(pairs, spaces, fc.constantFrom('', ',')).map(([all, gap, comma]) => ({
    value: new Map(all.map(([key, item]) => [key.value, item.value])),
    source: `{${sequence(
      all.map(([key, item]) => ({ value: null, source: `${key.source}${gap}:${gap}${item.source}` })),
      gap,
      comma,
    )}}`,
  }))
  const bracketed = fc.tuple(tie('literal'), spaces).map(([{ value, source }, gap]) => ({
    value,
    source: `(${gap}${source}${gap})`,
  }))
  return {
    literal: fc.oneof({ maxDepth: 4 }, texts, numbers, constants, lists, tuples, dictionaries, bracketed),
  } as { literal: fc.Arbitrary<Written> }
})

describe('a literal of Python', () => {
  test.prop([literals, spaces, spaces], { numRuns: 3000 })(
    'is read as what it stands for, however it is written',
    ({ value, source }, before, after) => {
      expect(read(`${before}${source}${after}`)).toEqual(value)
    },
  )

  test.prop([literals, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(4)], { numRuns: 2000 })(
    'that is damaged is read or refused in one line',
    ({ source }, at, piece, cut) => {
      const place = at % (source.length + 1)
      try {
        read(source.slice(0, place) + piece + source.slice(place + cut))
      } catch (error) {
        expect(isUsageError(error), String(error)).toBe(true)
        expect((error as Error).message).toMatch(/^a\.npy: the header is no literal of Python: it goes wrong at '.*$/)
      }
    },
  )

  test.each([
    ['', "''"],
    ['{', "''"],
    ["{'a': }", "'}'"],
    ["{'a'}", "'}'"],
    ['(1 2)', "'2)'"],
    ['[,]', "',]'"],
    ["'a", "''a'"],
    ['Truely', "'Truely'"],
    ['true', "'true'"],
    ['007', "'007'"],
    ['1.5', "'1.5'"],
    ['2LL', "'2LL'"],
    ['1 1', "'1'"],
    ['__import__("os")', `'__import__("os")'`],
    ['{**{}}', "'**{}}'"],
  ])('is not %s', (source, place) => {
    expect(() => read(source)).toThrow(`a.npy: the header is no literal of Python: it goes wrong at ${place}`)
  })

  test('is not nested without end', () => {
    expect(() => read('['.repeat(65_000))).toThrow('the header is no literal of Python')
  })
})
