/** Any file as a trace: read, or refused in one line that names file and line; in bounded time and memory. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { lineLengthMax, type Trace, TraceError, TraceReader } from '../../src/trace/index.ts'
import { at, textOf } from './lines.ts'

const a0 = at('a0', 1)
const honest = textOf([a0.event(1, 'timeout passed'), a0.effect(2.5, 'arm timeout'), a0.event(0.5, 'buffer full')])

function read(text: string, cut = text.length): Trace {
  const reader = new TraceReader('x.jsonl')
  for (let from = 0; from < text.length; from += cut) reader.push(text.slice(from, from + cut))
  return reader.end()
}

it('a trace, in any cuts, by time', () => {
  for (const cut of [1, 7, 1000]) {
    const { records, brokenLine, isCut } = read(honest, cut)
    expect(records.map(({ at, kind, text }) => [at, kind, text])).toEqual([
      [0.5, 'event', 'buffer full'],
      [1, 'event', 'timeout passed'],
      [2.5, 'effect', 'arm timeout'],
    ])
    expect([brokenLine, isCut]).toEqual([null, false])
  }
})

it('ids of processes where there are any; empty lines and a missing end of the last line do no harm', () => {
  const { records } = read(
    `\n{"ms":1,"processor":null,"place":"conductor","epoch":0,"pid":7,"event":"x"}\r\n\n${honest.trimEnd()}`,
  )
  expect(records).toHaveLength(4)
  expect(records.find(({ place }) => place === 'conductor')).toMatchObject({ processor: null, pid: 7 })
})

it('a last line that breaks off, as that of a killed run does, is said and left out', () => {
  const { records, brokenLine } = read(honest.slice(0, -20))
  expect([records.length, brokenLine]).toEqual([2, 3])
})

describe('what is no trace is refused', () => {
  const line = (changes: Readonly<Record<string, unknown>>): string =>
    `${JSON.stringify({ ms: 1, processor: 1, place: 'a0', epoch: 1, event: 'x', ...changes })}\n`
  it.each([
    ['', 'x.jsonl is empty'],
    ['{"ms":1', 'x.jsonl is no trace'],
    ['hello\nworld\n', 'x.jsonl:1: this is no line of a trace: it is no JSON'],
    [`${honest}[1]\n`, 'x.jsonl:4: this is no line of a trace: it is no JSON object'],
    [`${honest}\n{}\n`, "x.jsonl:5: this is no line of a trace: it has no 'ms'"],
    [line({ ms: 'soon' }), "x.jsonl:1: this is no line of a trace: 'ms' is no number"],
    [line({ processor: -1 }), "x.jsonl:1: this is no line of a trace: 'processor' is no whole number"],
    [
      line({ place: 'd7' }),
      "x.jsonl:1: this is no line of a trace: 'place' is no place such as a0, c0, b0 or conductor",
    ],
    [line({ epoch: 1.5 }), "x.jsonl:1: this is no line of a trace: 'epoch' is no whole number"],
    [line({ event: 7 }), "x.jsonl:1: this is no line of a trace: 'event' is no text"],
    [line({ event: undefined }), "x.jsonl:1: this is no line of a trace: it has neither 'event' nor 'effect'"],
    [line({ effect: 'y' }), "x.jsonl:1: this is no line of a trace: it has both 'event' and 'effect'"],
  ])('%j', (text, problem) => {
    expect(() => read(text)).toThrow(new TraceError(problem))
  })

  it('a line without end is refused long before it fills the memory', () => {
    const reader = new TraceReader('x.jsonl')
    const piece = ' '.repeat(1 << 18)
    const pushed = (): number => {
      for (let pieces = 1; ; pieces += 1) {
        try {
          reader.push(piece)
        } catch (error) {
          expect(error).toEqual(
            new TraceError('x.jsonl:1: this is no line of a trace: it is longer than any line of a trace'),
          )
          return pieces * piece.length
        }
      }
    }
    expect(pushed()).toBeLessThanOrEqual(lineLengthMax + piece.length)
  })
})

const change = fc.record({
  at: fc.nat(honest.length - 1),
  text: fc.string({ unit: 'binary', maxLength: 3 }),
  cut: fc.nat(4),
})

test.prop([fc.array(change, { minLength: 1, maxLength: 4 }), fc.constantFrom(1, 5, 1000)], { numRuns: 3000 })(
  'a changed trace is read, or refused by file and line',
  (changes, cut) => {
    const changed = changes.reduce((now, { at, text, cut }) => now.slice(0, at) + text + now.slice(at + cut), honest)
    try {
      for (const { at, place, text } of read(changed, cut).records) {
        expect([Number.isFinite(at), typeof place, typeof text]).toEqual([true, 'string', 'string'])
      }
    } catch (error) {
      expect(error).toBeInstanceOf(TraceError)
      expect((error as Error).message).toMatch(
        /^x\.jsonl(?::\d+: this is no line of a trace: [^\n]+| is no trace| is empty)$/,
      )
    }
  },
)
