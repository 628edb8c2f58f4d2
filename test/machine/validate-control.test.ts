/** What comes on a control link and is no message of it is refused by name. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { defaultSettings } from '../../src/machine/index.ts'
import { InputAssembly } from '../../src/machine/processor/input-assembly.ts'
import type { FromProcessor, ToProcessor } from '../../src/machine/wire/control.ts'
import { newsProblem, orderProblem } from '../../src/machine/wire/validate-control.ts'

type Samples<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: Extract<Message, { type: Type }>
}

const orders: Samples<ToProcessor> = {
  configure: {
    type: 'configure',
    configuration: {
      ...{
        moduleUrl: 'file:///a.mjs',
        machine: defaultSettings,
        sizes: { rounds: 3 },
        storeFolder: { path: '/tmp/checkpoints', run: '1f' },
      },
      traced: false,
      host: { name: 'h1', address: '10.0.0.1', ports: { first: 7500, last: 7599 } },
    },
  },
  standBy: { type: 'standBy' },
  assign: { type: 'assign', place: 'a0', epoch: 1, input: { kind: 'Uint32Array', byteLength: 8 }, inspected: false },
  inputPart: { type: 'inputPart', offset: 0, bytes: new Uint8Array(8) },
  members: {
    type: 'members',
    members: [{ place: 'c0', processor: processorId(3), host: 'h1', address: '10.0.0.1:7500' }],
    pids: [17],
  },
  frame: { type: 'frame', epoch: 1, frame: { type: 'resume' } },
  expect: { type: 'expect', pages: [0, 10] },
  askRest: { type: 'askRest', question: 3 },
  ask: { type: 'ask' },
  flushTrace: { type: 'flushTrace' },
  fenced: { type: 'fenced' },
}

const news: Samples<FromProcessor> = {
  ready: { type: 'ready', address: '10.0.0.1:7500' },
  frame: { type: 'frame', epoch: 1, from: 'a0', frame: { type: 'restored' } },
  captured: {
    ...{ type: 'captured', checkpoint: 1, atMs: 1.5, blockedMs: 0.1, cpuMs: 0.1 },
    ...{ loggedMessages: 2, loggedBytes: 3000, heldBytes: 4096 },
  },
  holding: { type: 'holding', bytes: 8192 },
  thawed: { type: 'thawed', checkpoint: 1, frozenMs: 2.5, drainMs: 0.5, cpuMs: 1.5 },
  inUse: { type: 'inUse', pages: [0, 10, 12, 15] },
  shipped: { type: 'shipped', deltaBytes: 4096 },
  committed: { type: 'committed', checkpoint: 1, latencyMs: null },
  written: { type: 'written', bytes: 4096, beganMs: 1, endedMs: 2.5 },
  computing: { type: 'computing', epoch: 1, atMs: 2.5 },
  progress: { type: 'progress', done: 1, total: 2.5 },
  held: { type: 'held', bytes: 5 },
  alone: { type: 'alone', silentMs: 3100.5 },
  rest: {
    type: 'rest',
    question: 3,
    rest: { epoch: 1, steps: 2, resting: true, waitsFor: [{ from: null, tag: 'x' }], sent: 3, arrived: 4 },
    stepMs: 1200.5,
  },
  trace: {
    type: 'trace',
    lines: [{ atMs: 1, epoch: 1, place: 'a0', kind: 'event', what: { type: 'fenced' }, text: 'fenced' }],
  },
  flushed: { type: 'flushed' },
  unreachable: { type: 'unreachable', processor: processorId(2), detail: 'connection lost' },
  reachable: { type: 'reachable', processor: processorId(3) },
  answer: { type: 'answer' },
  rejected: { type: 'rejected', processor: null, detail: '42 is no envelope' },
  unfit: { type: 'unfit', reason: 'too large' },
  refused: { type: 'refused', reason: 'no more threads' },
  defect: { type: 'defect', reason: 'Error' },
}

const sides = [
  ['order', orders, orderProblem],
  ['news', news, newsProblem],
] as const

describe.each(sides)('%s', (_, samples, problemOf) => {
  it.each(Object.entries(samples))(
    '%s passes; without a field, or with another in its place, it does not',
    (type, sample) => {
      expect(problemOf(sample)).toBeNull()
      for (const name of Object.keys(sample).filter((one) => one !== 'type')) {
        for (const wrong of [undefined, { no: 'such' }, [-3]]) {
          const problem = problemOf({ ...sample, [name]: wrong })
          expect(problem).toMatch(new RegExp(`^a message of type '${type}': ${name}\\b`))
        }
      }
    },
  )

  it.each([[7], [null], [[]], [{}], [{ type: 'toString' }], [{ type: ['ready'] }]])('%j is none', (message) => {
    expect(problemOf(message)).toMatch(/^a message (?:is .*, not an object|of type .*, which there is not)$/)
  })

  test.prop([fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true })], { numRuns: 1000 })(
    'anything is judged without throwing',
    (message) => {
      problemOf(message)
      for (const type of Object.keys(samples)) problemOf(Object.assign({ type }, message))
    },
  )
})

it('what is wrong deep inside is named too', () => {
  const lines = [...news.trace.lines, { ...news.trace.lines[0]!, kind: 'cause' }]
  expect(newsProblem({ type: 'trace', lines })).toBe(
    "a message of type 'trace': lines[1] of kind 'cause', which there is not",
  )
  expect(newsProblem({ ...news.frame, frame: { type: 'ack', sequence: 'x' } })).toBe(
    "a message of type 'frame': frame of type 'ack': sequence is 'x', not a whole number",
  )
})

describe('an input', () => {
  const part = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(1)

  it('is complete with its last part, in any order', async () => {
    const input = new InputAssembly({ kind: 'Uint32Array', byteLength: 8 })
    input.add(4, part(4))
    input.add(0, part(4))
    expect(await input.complete).toEqual(Uint32Array.of(0x01010101, 0x01010101))
  })

  it('takes no part beyond its end, none twice, and no half element', () => {
    const input = new InputAssembly({ kind: 'Uint8Array', byteLength: 8 })
    expect(() => input.add(4, part(8))).toThrow('each part lies within the input')
    input.add(0, part(6))
    expect(() => input.add(0, part(6))).toThrow('no part of the input comes twice')
    expect(() => new InputAssembly({ kind: 'Float64Array', byteLength: 12 })).toThrow('whole elements')
    expect(orderProblem({ ...orders.assign, input: { kind: 'constructor', byteLength: 8 } })).toMatch(
      "input.kind is 'constructor', not ",
    )
  })
})
