/** What is no envelope is rejected by name, whatever it is; what travels passes. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { problemWith } from '../../src/base/index.ts'
import { envelopeProblem, frame as frameCheck, isProcessorPlace } from '../../src/protocol/index.ts'
import { envelopeSamples, frameSamples } from './frame-samples.ts'

const frameProblem = (value: unknown): string | null => problemWith('a frame', value, frameCheck)

const oneLine = /^[^\n]{1,160}$/

it.each(envelopeSamples)('a $frame.type passes', (envelope) => {
  expect(envelopeProblem(envelope)).toBeNull()
})

describe('a field that is missing or of another type is named', () => {
  const cases = Object.values(frameSamples).flatMap((frame) =>
    Object.keys(frame)
      .filter((name) => name !== 'type')
      .map((name) => [frame.type, name] as const),
  )
  it.each(cases)('%s without %s', (type, name) => {
    const frame = { ...frameSamples[type] }
    for (const wrong of [undefined, null, -1, 1.5, Number.NaN, {}, [{}], 'no such'] as const) {
      if (wrong === 'no such' && /^(?:tag|site|error|reason)$/.test(name)) continue
      if (wrong === null && ['plan disk', 'store since', 'notStored reason'].includes(`${type} ${name}`)) continue
      const problem = frameProblem({ ...frame, [name]: wrong })
      expect(problem, `${name}: ${String(wrong)}`).toMatch(
        new RegExp(`^a frame of type '${type}': ${name}\\S* (?:is .*, not |is missing$)`),
      )
    }
  })
})

it.each([
  [42, 'an envelope is 42, not an object'],
  [null, 'an envelope is nothing, not an object'],
  [[1, 2], 'an envelope is a list of 2, not an object'],
  ['a\nb', "an envelope is 'a?b', not an object"],
  [{}, 'an envelope: epoch is missing'],
  [
    { epoch: 1, from: 'conductor', to: 'a0', frame: {} },
    "an envelope: from is 'conductor', not the place of a processor",
  ],
  [{ epoch: 1, from: 'a0', to: 'a01', frame: {} }, "an envelope: to is 'a01', not the place of a processor"],
  [{ epoch: 1, from: 'a0', to: 'a1', frame: 7 }, 'an envelope: frame is 7, not an object'],
  [
    { epoch: 1, from: 'a0', to: 'a1', frame: { type: 'constructor' } },
    "an envelope: frame of type 'constructor', which there is not",
  ],
  [
    { epoch: 1, from: 'a0', to: 'a1', frame: { type: ['ack'] } },
    'an envelope: frame of type a list of 1, which there is not',
  ],
  [
    { epoch: 1, from: 'a0', to: 'a1', frame: { type: 'plan', line: 1, rebuild: [{ target: 'a1', sources: [{}] }] } },
    "an envelope: frame of type 'plan': rebuild[0].sources[0].place is missing",
  ],
])('%j: %s', (message, problem) => {
  expect(envelopeProblem(message)).toBe(problem)
})

it('pages must be whole, ascending, and no more than a memory can have', () => {
  const delta = (numbers: readonly number[], bytes: number): string | null =>
    frameProblem({ ...frameSamples.delta, batch: { numbers, bytes: new Uint8Array(bytes) } })
  expect(delta([1, 2], 128)).toBeNull()
  for (const problem of [
    delta([2, 1], 128),
    delta([1, 1], 128),
    delta([1, 2], 129),
    delta([1], 0),
    delta([], 64),
    delta([2 ** 24], 64),
  ]) {
    expect(problem).toBe("a frame of type 'delta': batch is an object, not pages")
  }
})

it('places are those of processors', () => {
  expect(['a0', 'a255', 'c3', 'b99999'].every(isProcessorPlace)).toBe(true)
  expect(['', 'a', 'd0', 'a-1', 'a00', 'a 1', 'a123456', 'conductor', 7, null].some(isProcessorPlace)).toBe(false)
})

const anything = fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true })

test.prop([anything], { numRuns: 2000 })('any value is judged without throwing', (value) => {
  const problem = envelopeProblem(value)
  if (problem !== null) expect(problem).toMatch(oneLine)
})

test.prop([fc.constantFrom(...envelopeSamples), fc.nat(), anything], { numRuns: 3000 })(
  'an envelope in which one field is anything is judged without throwing',
  (envelope, which, value) => {
    const fields = Object.keys(envelope.frame)
    const field = fields[which % fields.length]!
    const problem = envelopeProblem({ ...envelope, frame: { ...envelope.frame, [field]: value } })
    if (problem !== null) expect(problem).toMatch(oneLine)
  },
)
