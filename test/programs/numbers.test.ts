/** What the programs that ship take for a number, and how they print one. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { printLines, printNumber } from '../../programs/numbers/print-number.ts'
import { exactNumber, isWholeNumber, readNumber } from '../../programs/numbers/read-number.ts'
import { UsageError } from '../../src/base/index.ts'

const read = (text: string): number => readNumber(text, 'a.txt:1')

/** Any double that is a number: all bit patterns alike, so that every magnitude comes up, and whole numbers that are large. */
const doubles = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .bigInt({ min: -(2n ** 53n), max: 2n ** 53n })
    .chain((odd) => fc.integer({ min: 0, max: 970 }).map((power) => Number(odd) * 2 ** power)),
)

describe('a number that is printed', () => {
  test.prop([doubles], { numRuns: 2000 })('reads as the same one, to the last bit', (value) => {
    expect(Object.is(read(printNumber(value)), value)).toBe(true)
  })

  test.prop([doubles], { numRuns: 500 })('and has the digits of its value, if it is whole', (value) => {
    if (Number.isInteger(value)) expect(BigInt(printNumber(value))).toBe(BigInt(value))
    else expect(printNumber(value)).toBe(String(value))
  })

  test.each([
    '36028797018963968',
    '-1152921504606846976',
    '18446744073709551616',
    '9007199254740992',
    '1180591620717411303424',
    '1000000000000000000000',
    '-0',
    '0.1',
    '5e-324',
  ])('%s stays as it is', (text) => {
    expect(printNumber(read(text))).toBe(text)
  })

  test('stands in a line of its own', () => {
    expect(printLines(Float64Array.of(1, -0.5, 2 ** 64))).toBe('1\n-0.5\n18446744073709551616\n')
    expect(printLines(new Float64Array(0))).toBe('')
  })
})

describe('a number in text', () => {
  test.each([
    ['1.0D+03', 1000],
    ['-2.5d-1', -0.25],
    ['+1e3', 1000],
    ['.5', 0.5],
    ['7.', 7],
    ['0D0', 0],
    ['0.0e-999', 0],
    ['1.0e-320', 1.0e-320],
    ['9007199254740992.000', 2 ** 53],
    [`${'0'.repeat(1000)}18446744073709551616`, 2 ** 64],
    ['9007199254740992e0', 2 ** 53],
    ['36028797018963968.00e0', 2 ** 55],
    ['9.007199254740992D15', 2 ** 53],
    ['1e23', 1e23],
    ['-6.02214076e+23', -6.02214076e23],
    ['9007199254740993.5e0', 2 ** 53 + 2],
    [`${'1'.repeat(300)}.5e-280`, Number('1'.repeat(20))],
  ])('%s', (text, value) => {
    expect(read(text)).toBe(value)
  })

  test.each([
    '',
    '0x10',
    '0b11',
    '0o7',
    'inf',
    'nan',
    'Infinity',
    '1e',
    '1d',
    '1e1e1',
    '1 2',
    '1_0',
    '1,5',
    'e5',
    '.',
    '١',
  ])("'%s' is none", (text) => {
    expect(() => read(text)).toThrow(new UsageError(`a.txt:1: '${text}' is no number`))
  })

  test.each(['1e309', '-1D400', '1e-400', '-1.5d-999', '0.00001e-320', `1${'0'.repeat(400)}`])(
    '%s would be infinite, or 0',
    (text) => {
      expect(() => read(text)).toThrow(
        /^a\.txt:1: '.*' is beyond what a 64-bit floating point number can hold \(it would become (-?Infinity|-?0)\)$/,
      )
    },
  )

  test.each([
    ['9007199254740993', '9007199254740992'],
    ['-9007199254740993', '-9007199254740992'],
    ['9007199254740993.0', '9007199254740992'],
    ['9007199254740993e0', '9007199254740992'],
    ['-90071992547409930.0e-1', '-9007199254740992'],
    ['.9007199254740993D16', '9007199254740992'],
    ['90071992547409.93e2', '9007199254740992'],
    ['+36028797018963970', '36028797018963968'],
    ['123456789012345680000', '123456789012345683968'],
    ['1180591620717411303425', '1180591620717411303424'],
  ])('%s would change', (text, becomes) => {
    const message = `'${text}' has more digits than a 64-bit floating point number can hold (it would become ${becomes})`
    expect(() => read(text)).toThrow(new UsageError(`a.txt:1: ${message}`))
  })

  test.prop([fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })], { numRuns: 1000 })(
    'that is whole is taken exactly, or refused',
    (value) => {
      const isHeld = BigInt(Number(value)) === value
      const take = (): bigint => BigInt(read(String(value)))
      if (isHeld) expect(take()).toBe(value)
      else expect(take).toThrow('has more digits')
      if (isHeld) expect(BigInt(exactNumber(value, ''))).toBe(value)
      else expect(() => exactNumber(value, 'x')).toThrow(/^x: '-?\d+' has more digits/)
    },
  )

  test.each([
    ['12', true],
    ['-12.000', true],
    ['+0', true],
    ['1.5', false],
    ['1e3', false],
    ['0.99999999999999999999', false],
    ['0x1', false],
    ['', false],
    ['.0', false],
  ])('whether %s is whole', (text, isWhole) => {
    expect(isWholeNumber(text)).toBe(isWhole)
  })

  test.each([
    ['9', 'x'],
    ['0', '.5x'],
    ['0', '.5'],
    ['0', '1'],
    ['9', ''],
    [' 1', ''],
  ])('of five million times %j, and then %j, is looked through but once', (digit, end) => {
    const long = `${digit.repeat(5e6)}${end}`
    const began = performance.now()
    try {
      read(long)
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(200)
    }
    // By the square of the length it would take hours.
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})
