import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import mergeSort from '../../programs/merge-sort.ts'
import { type Program, parseSizes, readInput } from '../../src/program/index.ts'
import { runInOneThread } from './run-in-one-thread.ts'
import { textFile } from './source-files.ts'

const program = mergeSort as Program

function parse(...pieces: string[]) {
  return readInput(program, [textFile('numbers.txt', ...pieces)], { size: parseSizes(program, []) })
}

describe('sorting', () => {
  test.prop([
    fc.array(fc.double({ noNaN: true }), { maxLength: 60 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer(),
  ])(
    'emits any numbers in order, for any chunk, number of processes and order of steps',
    async (numbers, chunk, processes, seed) => {
      const input = Float64Array.from(numbers)
      const size = { records: numbers.length, chunk, seed: 1 }
      const run = runInOneThread(program, { processes, size, input, seed })
      const sorted = (run.emitted as Float64Array[]).flatMap((slice) => [...slice])
      expect(sorted.map(String)).toEqual([...input.sort()].map(String))
      expect(await program.verify!({ ...run, processes, input })).toBeNull()
      expect(run.results.slice(1)).toEqual(Array(processes - 1).fill(undefined))
    },
  )

  test('makes the same numbers from a seed, whoever sorts them, and sums them up', async () => {
    const settings = ['records=1000', 'chunk=64', 'seed=7']
    const runs = [1, 4].map((processes) => runInOneThread(program, { processes, settings }))
    for (const run of runs) expect(await program.verify!({ ...run, processes: 4, input: null })).toBeNull()
    expect(runs[0]!.results[0]).toEqual(runs[1]!.results[0])
    expect(runs[0]!.results[0]).toMatchObject({ records: 1000, chunks: 16 })
    const other = runInOneThread(program, { processes: 1, settings: ['records=1000', 'seed=8'] })
    expect(other.results[0]).not.toEqual(runs[0]!.results[0])
  })

  test('emits slices of one chunk and reports progress up to the total', () => {
    const run = runInOneThread(program, { processes: 3, settings: ['records=1050', 'chunk=100'] })
    expect((run.emitted as Float64Array[]).map((slice) => slice.length)).toEqual([...Array(10).fill(100), 50])
    expect(run.progress).toEqual(Array.from({ length: 22 }, (_, index) => [index + 1, 22]))
  })

  test('sorts nothing', async () => {
    const run = runInOneThread(program, { processes: 3, settings: ['records=0'] })
    expect(run.emitted).toEqual([])
    expect(run.results[0]).toMatchObject({ records: 0, chunks: 0, min: null, max: null })
    expect(await program.verify!({ ...run, processes: 3, input: null })).toBeNull()
  })

  test('formats one number a line', () => {
    expect(program.output!.format(Float64Array.of(-1.5, 0.1, 1e-21))).toBe('-1.5\n0.1\n1e-21\n')
  })

  test('gives whole numbers beyond 2^53 as they were', async () => {
    const lines = ['-18446744073709551616', '-36028797018963968', '-0', '1152921504606846976', '1000000000000000000000']
    const { data, size } = await parse(`${lines.toReversed().join('\n')}\n`)
    const run = runInOneThread(program, { processes: 3, size, input: data })
    expect(run.emitted.map((slice) => program.output!.format(slice)).join('')).toBe(`${lines.join('\n')}\n`)
    expect(run.results[0]).toMatchObject({ min: lines[0], max: lines.at(-1) })
  })
})

describe('verify', () => {
  const size = { records: 4, chunk: 2, seed: 1 }
  const input = Float64Array.of(4, 1, 3, 2)
  const verify = (...emitted: number[][]) =>
    program.verify!({
      ...{ size, processes: 2, input, results: [] },
      emitted: emitted.map((slice) => Float64Array.from(slice)),
    })

  test('finds the first difference, a missing record and one too many', async () => {
    expect(await verify([1, 2], [3, 4])).toBeNull()
    expect(await verify([1, 2], [2, 4])).toBe('record 3 is 2, but should be 3')
    expect(await verify([1, 2], [3])).toBe('3 records came out, but 4 went in')
    expect(await verify([1, 2], [2 ** 55, 4])).toBe('record 3 is 36028797018963968, but should be 3')
    expect(await verify([1, 2], [3, 4], [4])).toBe('record 5 is 4, but should be none')
    expect(input).toEqual(Float64Array.of(4, 1, 3, 2))
  })
})

describe('input', () => {
  test('reads integers and decimals, whatever the line ends and pieces, and ignores blank lines', async () => {
    const { data, size } = await parse('\uFEFF12\r\n', '\n  -3.5 \n+.25', '\n\n1e3\n7.', '\n0\n-0.000')
    expect([...data]).toEqual([12, -3.5, 0.25, 1000, 7, 0, -0])
    expect(size).toEqual({ records: 7, chunk: 100_000, seed: 1 })
  })

  test('reads an empty file', async () => {
    expect((await parse('')).data).toHaveLength(0)
  })

  test.each(['abc', '0x10', 'Infinity', 'NaN', '1,5', '1 2', '.', '-', '1e', '--1', '1_000'])(
    'names file and line of %s',
    async (line) => {
      await expect(parse(`1\n\n${line}\n2\n`)).rejects.toThrow(`numbers.txt:3: '${line}' is no number`)
    },
  )

  test('quotes no more than the beginning of a line that is long', async () => {
    await expect(parse(`1\n${'x'.repeat(9000)}\n`)).rejects.toThrow(`numbers.txt:2: '${'x'.repeat(60)}…' is no number`)
  })

  test('counts lines over several pieces', async () => {
    await expect(parse('1\n2\n3', '4\n5\nx', 'yz\n')).rejects.toThrow("numbers.txt:5: 'xyz' is no number")
  })

  test.each(['9007199254740993', '+123456789012345678', '-123456789012345678', '123456789012345680000'])(
    'refuses the whole number %s, which would change',
    async (line) => {
      await expect(parse(line)).rejects.toThrow(`numbers.txt:1: '${line}' has more digits than`)
    },
  )

  test.each(['-1e309', '1e-400', '0.0001e-400'])('refuses %s, which is out of range', async (line) => {
    await expect(parse(line)).rejects.toThrow(`numbers.txt:1: '${line}' is beyond what a 64-bit floating point`)
  })

  test.each([
    '9007199254740992',
    '0.30000000000000004',
    '0.10000000000000001',
    '0.1000000000000000055',
    '1.2345e-320',
    '-0e-999',
    '000000000000000000001.50',
    '123456789012345683968',
    '1.2345678901234568e20',
    '1.5D-3',
    '-1234567890123456.0',
    '5e-324',
    '0.000000000000000000000',
    '1.7976931348623157e308',
  ])('takes %s', async (line) => {
    expect([...(await parse(line)).data]).toEqual([Number(line.replace('D', 'e'))])
  })

  test.prop([fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 20 })])(
    'takes whatever it prints, to the last bit',
    async (values) => {
      const { data } = await parse(program.output!.format(Float64Array.from(values)))
      expect(data).toEqual(Float64Array.from(values))
    },
  )
})
