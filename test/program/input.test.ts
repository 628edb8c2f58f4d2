import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import {
  f64,
  inputFileNames,
  integer,
  type ParsedInput,
  type Program,
  readInput,
  splitLines,
} from '../../src/program/index.ts'
import { binaryFile, textFile } from '../programs/source-files.ts'

async function* texts(...pieces: string[]) {
  yield* pieces
}

async function linesOf(...pieces: string[]): Promise<string[]> {
  const lines: string[] = []
  for await (const block of splitLines(texts(...pieces), 'in.txt')) {
    expect(block.first).toBe(lines.length + 1)
    lines.push(...block.lines)
  }
  return lines
}

describe('lines', () => {
  it.each([
    ['nothing', [], []],
    ['an empty file', [''], []],
    ['a last line without end', ['a\nb'], ['a', 'b']],
    ['a last line with end', ['a\nb\n'], ['a', 'b']],
    ['blank lines', ['\n\na\n\n'], ['', '', 'a', '']],
    ['line ends of Windows, cut in two', ['a\r', '\nb\r\n'], ['a', 'b']],
    ['a byte order mark', ['\uFEFFa\n', '\uFEFFb'], ['a', '\uFEFFb']],
    ['a byte order mark behind an empty piece', ['', '\uFEFFa'], ['a']],
  ])('of %s', async (_, pieces, lines) => {
    expect(await linesOf(...pieces)).toEqual(lines)
  })

  test.prop([fc.array(fc.string({ unit: fc.constantFrom('a', '1', '\n', ' ') }), { maxLength: 8 })])(
    'do not depend on where the file is cut',
    async (pieces) => {
      const whole = pieces.join('')
      const expected = whole.split('\n')
      if (expected.at(-1) === '') expected.pop()
      expect(await linesOf(...pieces)).toEqual(expected)
    },
  )
})

describe('a long line', () => {
  const cut = async (pieces: AsyncIterable<string>, lengthMax?: number) => {
    const lines: string[] = []
    for await (const block of splitLines(pieces, 'in.txt', lengthMax)) lines.push(...block.lines)
    return lines
  }

  it('takes time by its length, not by the square of it', async () => {
    const piece = '1'.repeat(2 ** 12)
    const pieces = Array<string>(2 ** 14).fill(piece)
    const began = performance.now()
    const [line, ...others] = await cut(texts('a', ...pieces, 'b'))
    expect(performance.now() - began).toBeLessThan(10_000)
    expect([line!.length, others]).toEqual([2 ** 26 + 2, []])
  })

  it.each([
    [['1\n2\n', 'abcdef'], 'in.txt:3: '],
    [['abc', 'def'], 'in.txt:1: '],
    [['abcd\nabc', 'def', '\n'], 'in.txt:2: '],
  ])('of %j is refused where it goes on beyond 5 characters', async (pieces, where) => {
    const message = `${where}the line goes on beyond 5 characters, more than any line may have`
    await expect(cut(texts(...pieces), 5)).rejects.toThrow(new UsageError(message))
  })

  it('without end is refused before it fills the memory', async () => {
    let read = 0
    async function* endless() {
      for (;;) {
        read += 2 ** 20
        yield 'x'.repeat(2 ** 20)
      }
    }
    await expect(cut(endless())).rejects.toThrow(
      'in.txt:1: the line goes on beyond 134217728 characters, more than any line may have',
    )
    expect(read).toBe(2 ** 27 + 2 ** 20)
  })
})

describe('input', () => {
  const reading = (parsed: () => unknown): Program => ({
    name: 'demo',
    size: { records: integer({ default: 4, max: 9, help: 'records' }) },
    memory: () => ({ sum: f64() }),
    start: (self) => self.done(),
    step: (self) => self.done(),
    input: { description: 'numbers', parse: async () => parsed() as ParsedInput },
  })
  const parse = (program: Program): Promise<unknown> =>
    readInput(program, [textFile('in.txt', '1\n')], { size: { records: 4 } })

  it('is the data, and all sizes with those that follow from it', async () => {
    const data = Float64Array.of(1)
    expect(await parse(reading(() => ({ data })))).toEqual({ data, size: { records: 4 } })
    expect(await parse(reading(() => ({ data, size: { records: 7 } })))).toEqual({ data, size: { records: 7 } })
  })

  it('that breaks a size names the file', async () => {
    const tooMany = reading(() => ({ data: Float64Array.of(1), size: { records: 10 } }))
    const message = "in.txt: size 'records' must be a whole number of at most 9, but is 10"
    await expect(parse(tooMany)).rejects.toThrow(new UsageError(message))
  })

  it('of a program that reads none is refused', async () => {
    const { input: _, ...deaf } = reading(() => null)
    await expect(parse(deaf)).rejects.toThrow(new UsageError("program 'demo' reads no input: leave out --input"))
  })

  it('must be a typed array', async () => {
    const message = "program 'demo': input.parse must return { data } with a typed array"
    await expect(parse(reading(() => ({ data: [1] })))).rejects.toThrow(message)
  })

  it('passes on what parse throws', async () => {
    const failure = new UsageError("in.txt:1: 'x' is no number")
    const failing = reading(() => {
      throw failure
    })
    await expect(parse(failing)).rejects.toBe(failure)
  })
})

describe('input of several files', () => {
  const pair: Program = {
    name: 'pair',
    size: { records: integer({ default: 4, max: 9, help: 'records' }) },
    memory: () => ({ sum: f64() }),
    start: (self) => self.done(),
    step: (self) => self.done(),
    input: {
      description: 'lines, and bytes',
      files: ['LINES', 'BYTES'],
      async read([lines, bytes]) {
        const values: number[] = []
        for await (const block of lines!.lines()) values.push(...block.lines.map(Number))
        return { data: Float64Array.of(...values, ...(await bytes!.bytes())), size: { records: values.length } }
      },
    },
  }
  const lines = textFile('a.txt', '1\n', '2\n')
  const bytes = binaryFile('b.bin', Uint8Array.of(7, 8))
  const size = { records: 4 }

  it('is given them in order, as lines and as bytes', async () => {
    const read = await readInput(pair, [lines, bytes], { size })
    expect(read).toEqual({ data: Float64Array.of(1, 2, 7, 8), size: { records: 2 } })
    expect(inputFileNames(pair)).toEqual(['LINES', 'BYTES'])
  })

  it('names all of them where a size that follows is not allowed', async () => {
    const long = textFile('a.txt', '1\n'.repeat(10))
    const message = "a.txt and b.bin: size 'records' must be a whole number of at most 9, but is 10"
    await expect(readInput(pair, [long, bytes], { size })).rejects.toThrow(new UsageError(message))
  })

  it.each([[[lines]], [[lines, bytes, lines]]])('refuses another number of them', async (files) => {
    const message = `program 'pair' reads 2 files, --input LINES BYTES, but ${files.length} were given`
    await expect(readInput(pair, files, { size })).rejects.toThrow(
      new UsageError(files.length === 1 ? message.replace('were', 'was') : message),
    )
  })

  it('must be a typed array', async () => {
    const wrong = { ...pair, input: { description: '', files: ['A'], read: async () => ({}) } } as unknown as Program
    const message = "program 'pair': input.read must return { data } with a typed array"
    await expect(readInput(wrong, [lines], { size })).rejects.toThrow(message)
  })
})
