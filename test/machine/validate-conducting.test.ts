/** What comes on the control link of a conductor and is no message of it is refused by name. */
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import {
  type ConductorOrder,
  type CrewEvent,
  candidateMessage,
  type FromConductor,
  linkedMessage,
  type ToConductor,
} from '../../src/machine/wire/conducting.ts'
import { fromConductorProblem, toConductorProblem } from '../../src/machine/wire/validate-conducting.ts'

type Samples<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: Extract<Message, { type: Type }>
}

const one = processorId(1)
const output = { type: 'output', rank: 0, index: 0, kind: 'emit', payload: new Uint8Array(3) } as const
const outputs = [{ released: 1, isFinished: false }]
const onDisk = { sequence: 3, checkpoint: 6, changesInARow: 0, outputs }

const events: Samples<CrewEvent> = {
  ready: { type: 'ready', processor: one, host: 'h2' },
  lost: { type: 'lost', processor: one, accident: 'soon' },
  silent: { type: 'silent', processor: one },
  heard: { type: 'heard', processor: one },
  lostTogether: { type: 'lostTogether', losses: [{ processor: one, accident: 'soon' }] },
  silentTogether: { type: 'silentTogether', losses: [{ processor: one }] },
  heardTogether: { type: 'heardTogether', processors: [one] },
  patienceOver: { type: 'patienceOver' },
  diskHolds: { type: 'diskHolds', epoch: 5, whole: [onDisk], sealing: null, lastSequence: 3 },
  sealed: { type: 'sealed', sequence: 3 },
  notSealed: { type: 'notSealed', sequence: 3, reason: 'no room' },
  frame: { type: 'frame', processor: one, epoch: 2, from: 'a0', frame: { type: 'restored' } },
  appointed: { type: 'appointed', replicas: [2] },
  conductorUnheard: { type: 'conductorUnheard' },
  candidateFound: { type: 'candidateFound', candidate: 2 },
  candidateLost: { type: 'candidateLost', candidate: 2 },
  fromCandidate: {
    type: 'fromCandidate',
    from: 1,
    message: { type: 'append', revision: 1, number: 4, entry: output },
  },
  orderRefused: { type: 'orderRefused', epoch: 3 },
  fetched: { type: 'fetched', upTo: 4 },
}

const orders: Samples<ConductorOrder> = {
  frame: { type: 'frame', to: 'a1', frame: { type: 'resume' } },
  assign: { type: 'assign', place: 'c0', processor: one },
  fence: { type: 'fence', processor: one },
  introduce: { type: 'introduce', members: [['a0', one] as const, ['a1', null] as const], before: 3 },
  recovery: {
    type: 'recovery',
    effect: { type: 'recoveryBegan', epoch: 2, lost: ['a1'], rollback: true },
    rollback: true,
  },
  storage: { type: 'storage', effect: { type: 'stored', checkpoint: 3 } },
  askDisk: { type: 'askDisk' },
  release: { type: 'release', number: 1, entry: output },
  view: {
    type: 'view',
    view: {
      ...{ phase: 'running', begun: true, members: [['a0', one] as const], spares: [processorId(2)], silent: [] },
      ...{ missing: [], fromDisk: false },
    },
  },
  end: { type: 'end', effect: { type: 'uncovered', lost: ['a0', 'a1'], needed: 2 } },
}

const toConductor: readonly ToConductor[] = [
  {
    type: 'configure',
    configuration: {
      ...{ id: 1, processes: 4, protection: { code: 'reed-solomon', tolerate: 1 }, isTraced: false },
      storage: { every: 1, isIncremental: true, whole: [], lastSequence: 0 },
    },
  },
  ...Object.values(events).map((event) => ({ type: 'event', event }) as const),
  { type: 'store', message: { type: 'leaseOver', lease: 1 } },
]

const fromConductor: readonly FromConductor[] = [
  ...Object.values(orders).map((order) => ({ type: 'order', epoch: 2, order }) as const),
  { type: 'tookOffice', revision: 2 },
  { type: 'resigned', revision: 2 },
  { type: 'tellCandidate', to: 2, message: { type: 'logged', revision: 2, upTo: 4 } },
  { type: 'store', message: { type: 'watch', watch: 1, name: 'record' } },
  {
    type: 'trace',
    lines: [{ atMs: 1, epoch: 1, place: 'conductor', kind: 'event', what: { type: 'patienceOver' }, text: 'over' }],
  },
  { type: 'defect', reason: 'Error' },
]

/** All ways to take a field out of what is inside, or to put something else in its place. */
function* damages(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  for (const [name, field] of Object.entries(value)) {
    if (name === 'type' || name === 'accident') continue
    for (const wrong of [undefined, { no: 'such' }]) yield Array.isArray(value) ? [wrong] : { ...value, [name]: wrong }
    for (const inside of damages(field)) {
      yield Array.isArray(value) ? value.with(Number(name), inside) : { ...value, [name]: inside }
    }
  }
}

describe.each([
  ['to a conductor', toConductor, toConductorProblem],
  ['from a conductor', fromConductor, fromConductorProblem],
] as const)('%s', (_, messages, problemOf) => {
  it.each(messages.map((message) => [JSON.stringify(message).slice(0, 60), message] as const))(
    '%s passes; with anything missing or wrong inside it does not',
    (_text, message) => {
      expect(problemOf(message)).toBeNull()
      for (const damaged of damages(message)) expect(problemOf(damaged), JSON.stringify(damaged)).not.toBeNull()
    },
  )

  test.prop([fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true })], { numRuns: 1000 })(
    'anything is judged without throwing',
    (message) => {
      problemOf(message)
      for (const { type } of messages) problemOf(Object.assign({ type }, message))
    },
  )
})

it('a copy of the release log is the same at the other end of a link', () => {
  const before = { next: new Map([[0, 3]]), finished: new Set([1]) }
  const log = { fetched: 4, before, entries: [output], bytes: 3 }
  const copy = { type: 'copy', revision: 2, log } as const
  const linked = linkedMessage(copy)
  expect(fromConductorProblem({ type: 'tellCandidate', to: 1, message: linked })).toBeNull()
  expect(candidateMessage(linked)).toEqual(copy)
})
