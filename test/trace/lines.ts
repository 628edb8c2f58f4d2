/** Traces that tests write by hand, of real events and effects. */
import { processorId } from '../../src/base/index.ts'
import {
  type AnyEffect,
  type AnyEvent,
  describeEffect,
  describeEvent,
  type Frame,
  type Happening,
  type OutsideEvent,
  type Place,
  recordEffect,
  recordEvent,
  recordVersion,
} from '../../src/protocol/index.ts'
import { buildSpaceTime, type SpaceTime, TraceReader, type TraceRecord } from '../../src/trace/index.ts'

export type Line = Happening & {
  readonly ms: number
  readonly processor: number | null
  readonly place: Place
  readonly epoch: number
  readonly pid?: number
  readonly text: string
}

/** A place and what it does: `at('a0', 1)` then `.event(5, { type: 'timeoutPassed' })`. */
export function at(place: Place, processor: number | null, epoch = 1) {
  const base = { processor, place, epoch }
  const of = {
    event: (ms: number, event: AnyEvent | OutsideEvent): Line => ({
      ...{ ms, ...base, text: describeEvent(event) },
      ...recordEvent(event),
    }),
    effect: (ms: number, effect: AnyEffect): Line => ({
      ...{ ms, ...base, text: describeEffect(effect) },
      ...recordEffect(effect),
    }),
    sends: (ms: number, to: Place, frame: Frame): Line => of.effect(ms, { type: 'send', to, epoch, frame }),
    /** `sent`: the epoch that it was sent in. */
    receives: (ms: number, from: Place, frame: Frame, sent = epoch): Line =>
      of.event(ms, { type: 'frame', epoch: sent, from, frame }),
  }
  return of
}

export const message = (sequence: number, { tag = 'm', interval = 0, bytes = 4 } = {}): Frame => ({
  ...{ type: 'message', sequence, interval, tag, payload: new Uint8Array(bytes) },
})
export const ack = (sequence: number, interval = 0): Frame => ({ type: 'ack', sequence, interval })

export const capture = (checkpoint: number): AnyEffect => ({ type: 'capture', checkpoint, blobs: new Map() })
export const startProgram: AnyEffect = { type: 'runStep', first: true, deliveries: [] }
export const runStep: AnyEffect = { type: 'runStep', first: false, deliveries: [] }
export const stepEnded: AnyEvent = {
  type: 'stepEnded',
  result: { sends: [], outputs: [], waiting: { kind: 'continue' }, vars: null },
}
export const begins = (epoch: number, ...lost: Place[]): AnyEffect => ({
  ...{ type: 'recoveryBegan', epoch, lost, rollback: true },
})
export const becomes = (processor: number, place: Place, epoch: number): AnyEffect => ({
  ...{ type: 'assign', processor: processorId(processor), place, epoch },
})
export const resumed = (line: number, epoch = 1): AnyEffect => ({ type: 'resumed', epoch, line })

const lineText = ({ kind, what, ...rest }: Line): string => `${JSON.stringify({ ...rest, [kind]: what })}\n`
export const head = `${JSON.stringify({ trace: 'paritas', version: recordVersion })}\n`
export const textOf = (lines: readonly Line[]): string => head + lines.map(lineText).join('')

export function recordsOf(lines: readonly Line[]): readonly TraceRecord[] {
  const reader = new TraceReader('t.jsonl')
  reader.push(textOf(lines))
  return reader.end().records
}

export const modelOf = (lines: readonly Line[]): SpaceTime => buildSpaceTime(recordsOf(lines), 'ms')

/** Everybody has a place: processor 1 is a0, 2 is a1, 3 is c0, 4 is b0. */
export const start: readonly Line[] = (['a0', 'a1', 'c0', 'b0'] as const).map((place, index) =>
  at('conductor', null).effect(-5, becomes(index + 1, place, 1)),
)
