/** Any file as a trace: read, or refused in one line that names file and line; in bounded time and memory. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { buildSpaceTime, lineLengthMax, type Trace, TraceError, TraceReader } from '../../src/trace/index.ts'
import { at, head, message, textOf } from './lines.ts'

const a0 = at('a0', 1)
const honest = textOf([
  a0.event(1, { type: 'timeoutPassed' }),
  a0.sends(2.5, 'a1', message(3, { tag: 'of interval 9,' })),
  a0.event(0.5, { type: 'bufferFull' }),
])
const body = honest.slice(head.length)

function read(text: string, cut = text.length): Trace {
  const reader = new TraceReader('x.jsonl')
  for (let from = 0; from < text.length; from += cut) reader.push(text.slice(from, from + cut))
  return reader.end()
}

it('a trace, in any cuts, by time', () => {
  for (const cut of [1, 7, 1000]) {
    const { records, brokenLine, isCut } = read(honest, cut)
    expect(records.map(({ at, kind, what }) => [at, kind, what.type])).toEqual([
      [0.5, 'event', 'bufferFull'],
      [1, 'event', 'timeoutPassed'],
      [2.5, 'effect', 'send'],
    ])
    expect([brokenLine, isCut]).toEqual([null, false])
  }
})

it('ids of processes where there are any; empty lines and a missing end of the last line do no harm', () => {
  const { records } = read(
    `\n${honest}{"ms":1,"processor":null,"place":"conductor","epoch":0,"pid":7,"text":"","event":{"type":"fenced"}}\r\n\n${body.trimEnd()}`,
  )
  expect(records).toHaveLength(7)
  expect(records.find(({ place }) => place === 'conductor')).toMatchObject({ processor: null, pid: 7 })
})

it('a last line that breaks off, as that of a killed run does, is said and left out', () => {
  const { records, brokenLine } = read(honest.slice(0, -20))
  expect([records.length, brokenLine]).toEqual([2, 4])
})

describe('what is no trace is refused', () => {
  const line = (changes: Readonly<Record<string, unknown>>): string =>
    `${head}${JSON.stringify({ ms: 1, processor: 1, place: 'a0', epoch: 1, text: '', event: { type: 'fenced' }, ...changes })}\n`
  const none = 'this is no trace that can be read'
  const noLine = 'this is no line of a trace'
  it.each([
    ['', 'x.jsonl is empty'],
    ['{"ms":1', 'x.jsonl is no trace'],
    [head, 'x.jsonl holds no event'],
    ['hello\nworld\n', `x.jsonl:1: ${none}: it is no JSON`],
    [body, `x.jsonl:1: ${none}: it says no version, as those of older versions do not; record the run anew`],
    [
      '{"trace":"paritas","version":"two"}\n',
      `x.jsonl:1: ${none}: it is of version 'two', and this Paritas reads version 3; record the run anew, or draw it with the one that did`,
    ],
    [`${honest}[1]\n`, `x.jsonl:5: ${noLine}: it is no JSON object`],
    [`${honest}\n{}\n`, `x.jsonl:6: ${noLine}: ms is missing`],
    [line({ ms: 'soon' }), `x.jsonl:2: ${noLine}: ms is 'soon', not a number`],
    [line({ processor: -1 }), `x.jsonl:2: ${noLine}: processor is -1, not a whole number`],
    [line({ place: 'd7' }), `x.jsonl:2: ${noLine}: place is 'd7', not a place such as a0, c0, b0 or conductor`],
    [line({ epoch: 1.5 }), `x.jsonl:2: ${noLine}: epoch is 1.5, not a whole number`],
    [line({ event: 'timeout passed' }), `x.jsonl:2: ${noLine}: event is 'timeout passed', not an object`],
    [line({ event: { type: 'x' } }), `x.jsonl:2: ${noLine}: event of type 'x', which there is not`],
    [line({ event: { type: 'lost' } }), `x.jsonl:2: ${noLine}: event of type 'lost': processor is missing`],
    [
      line({ event: undefined, effect: { type: 'send', to: 'a1', epoch: 1, frame: { type: 'ack', sequence: -1 } } }),
      `x.jsonl:2: ${noLine}: effect of type 'send': frame of type 'ack': sequence is -1, not a whole number`,
    ],
    [line({ event: undefined }), `x.jsonl:2: ${noLine}: it has neither 'event' nor 'effect'`],
    [line({ effect: { type: 'finished' } }), `x.jsonl:2: ${noLine}: it has both 'event' and 'effect'`],
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
            new TraceError('x.jsonl:1: this is no trace that can be read: it is longer than any line of a trace'),
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
      const { records } = read(changed, cut)
      for (const { at, place, what } of records) {
        expect([Number.isFinite(at), typeof place, typeof what.type]).toEqual([true, 'string', 'string'])
      }
      buildSpaceTime(records, 'ms')
    } catch (error) {
      expect(error).toBeInstanceOf(TraceError)
      expect((error as Error).message).toMatch(
        /^x\.jsonl(?::\d+: this is no (?:line of a trace|trace that can be read): [^\n]+| is no trace| is empty| holds no event)$/,
      )
    }
  },
)
