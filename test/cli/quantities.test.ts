import { describe, expect, test } from 'vitest'
import { inBytes } from '../../src/base/index.ts'
import { parseBytes, parseDuration, parseWhole } from '../../src/cli/quantities.ts'
import { counted, inColumns, inTime } from '../../src/cli/wording.ts'

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['.5s', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1.5d', 129_600_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration('--timeout', text)).toBe(ms)
  })

  test.each(['', '500', 's', '-1s', '1s1', '1 day', '1e3s', '1.2.3s'])("refuses '%s' and names the option", (text) => {
    expect(() => parseDuration('--timeout', text)).toThrow(
      `--timeout must be a duration such as 500ms, 1.5s or 2m, but is '${text}'`,
    )
  })

  test('refuses what is too long for a timer', () => {
    expect(() => parseDuration('--timeout', '600h')).toThrow("--timeout must be at most 24 days, but is '600h'")
    expect(parseDuration('--mtbf', '600h', 365 * 86_400_000)).toBe(600 * 3_600_000)
    expect(() => parseDuration('--mtbf', '366d', 365 * 86_400_000)).toThrow('--mtbf must be at most 365 days')
  })
})

describe('bytes', () => {
  test.each([
    ['64MiB', 67_108_864],
    ['512KiB', 524_288],
    ['1GiB', 1_073_741_824],
    ['0.5kib', 512],
    ['1048576', 1_048_576],
    ['16B', 16],
  ])('%s is %d', (text, bytes) => {
    expect(parseBytes('--buffer', text)).toBe(bytes)
  })

  test.each(['', '64MB', '1.5', '-1', '99999999TiB'])("refuses '%s' and names the option", (text) => {
    expect(() => parseBytes('--buffer', text)).toThrow(
      `--buffer must be a number of bytes such as 64MiB, 512KiB or 1048576, but is '${text}'`,
    )
  })
})

test.each(['0', '5', '1.5', '-1', '', 'four'])("whole numbers refuse '%s' and name the option", (text) => {
  expect(() => parseWhole('--spares', text, { min: 1, max: 4 })).toThrow(
    `--spares must be a whole number from 1 to 4, but is '${text}'`,
  )
})

test.each([
  [0, '0 ms'],
  [0.421, '0.42 ms'],
  [8.13, '8.1 ms'],
  [42.4, '42 ms'],
  [312.4, '312 ms'],
  [999.6, '1.00 s'],
  [2512, '2.51 s'],
  [59_996, '1 min 0 s'],
  [200_000, '3 min 20 s'],
  [18_120_000, '5 h 2 min'],
])('%d ms reads %s', (ms, text) => {
  expect(inTime(ms)).toBe(text)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [40_055_603, '38.2 MiB'],
  [200 * 2 ** 30, '200 GiB'],
])('%d bytes read %s', (bytes, text) => {
  expect(inBytes(bytes)).toBe(text)
})

test('counts and columns', () => {
  expect([counted(1, 'process'), counted(2, 'process'), counted(0, 'spare')]).toEqual([
    '1 process',
    '2 processes',
    '0 spares',
  ])
  expect(inColumns([['a', 'bb', ''], ['cccc', 'd', 'e'], []])).toEqual(['a      bb', 'cccc   d    e', ''])
})
