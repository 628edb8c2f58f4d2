/** What a diagram is made of, from small traces written by hand. */
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import type { Frame } from '../../src/protocol/index.ts'
import {
  ack,
  at,
  becomes,
  begins,
  capture,
  type Line,
  message,
  modelOf,
  resumed,
  runStep,
  start,
  startProgram,
  stepEnded,
} from './lines.ts'

const conductor = at('conductor', null)
const a0 = at('a0', 1)
const a1 = at('a1', 2)
const c0 = at('c0', 3)

const messages = (lines: readonly Line[]) => modelOf(lines).arrows.filter(({ traffic }) => traffic === 'message')

describe('messages', () => {
  it('join where they were sent with where they arrived, in the order of their link', () => {
    const lines = [
      ...start,
      a0.sends(1, 'a1', message(0)),
      a0.sends(2, 'a1', message(0)),
      a1.receives(3, 'a0', message(0), 1),
      a1.receives(4, 'a0', message(0), 1),
    ]
    expect(messages(lines)).toMatchObject([
      {
        from: 0,
        to: 1,
        sent: 1,
        arrived: 3,
        isReplayed: false,
        fate: 'open',
        label: "message 0 'm' of interval 0, 4 bytes",
        caption: 'm 0',
      },
      { from: 0, to: 1, sent: 2, arrived: 4 },
    ])
  })

  it('are taken when they are acknowledged, and discarded when that was done before', () => {
    const lines = [
      ...start,
      a0.sends(1, 'a1', message(0)),
      a1.receives(2, 'a0', message(0), 1),
      a1.sends(3, 'a0', ack(0, 0)),
      a0.sends(4, 'a1', message(0)),
      a1.receives(5, 'a0', message(0), 1),
      a1.sends(6, 'a0', ack(0, 0)),
    ]
    expect(messages(lines).map(({ fate }) => fate)).toEqual(['taken', 'discarded'])
  })

  it('that a recovery sends out of the log are replayed; what was consumed after the line is consumed again', () => {
    const lines = [
      ...start,
      a0.sends(1, 'a1', message(0)),
      a1.receives(2, 'a0', message(0), 1),
      a1.sends(3, 'a0', ack(0, 0)),
      conductor.effect(4, begins(2)),
      at('a1', 2, 2).effect(5, { type: 'restore', epoch: 2, checkpoint: 0 }),
      at('a0', 1, 2).receives(6, 'conductor', { type: 'resume' }, 2),
      at('a0', 1, 2).sends(7, 'a1', message(0)),
      at('a1', 2, 2).receives(8, 'a0', message(0), 2),
      at('a1', 2, 2).sends(9, 'a0', ack(0, 0)),
      at('a0', 1, 2).event(10, stepEnded),
      at('a0', 1, 2).sends(11, 'a1', message(1)),
    ]
    expect(messages(lines).map(({ isReplayed, fate }) => [isReplayed, fate])).toEqual([
      [false, 'taken'],
      [true, 'taken'],
      [false, 'open'],
    ])
  })

  it('of an old epoch are discarded, those that lay unconsumed too; those that never came are lost', () => {
    const lines = [
      ...start,
      a0.sends(1, 'a1', message(0)),
      a0.sends(1, 'a1', message(1)),
      a0.sends(1, 'a1', message(2)),
      a1.receives(2, 'a0', message(0), 1),
      conductor.effect(3, begins(2, 'a0')),
      at('a1', 2, 2).effect(4, { type: 'stopProgram' }),
      at('a1', 2, 2).effect(5, { type: 'restore', epoch: 2, checkpoint: 0 }),
      at('a1', 2, 2).receives(6, 'a0', message(1), 1),
    ]
    expect(messages(lines).map(({ fate }) => fate)).toEqual(['discarded', 'discarded', 'lost'])
  })

  it('whose beginning the trace does not tell have none', () => {
    expect(messages([...start, a1.receives(2, 'a0', message(0), 1)])).toMatchObject([{ sent: null, arrived: 2 }])
  })
})

const delta = (part: number, pages: number): Frame => ({
  ...{ type: 'delta', checkpoint: 3, part },
  batch: { numbers: Array.from({ length: pages }, (_, index) => index), bytes: new Uint8Array(pages) },
})

it('pages are one stream from where they left to where the last arrived', () => {
  const lines = [
    ...start,
    a0.effect(1, { type: 'shipDelta', to: ['c0'], epoch: 1, checkpoint: 3 }),
    c0.receives(4, 'a0', delta(0, 64)),
    c0.receives(6, 'a0', delta(1, 1)),
    c0.receives(7, 'a0', { type: 'deltaEnd', checkpoint: 3, parts: 2, checksums: new Uint8Array(8) }),
    c0.receives(8, 'a1', delta(0, 2)),
  ]
  expect(modelOf(lines).streams).toEqual([
    { what: 'delta 3', from: 0, to: 2, began: 1, firstArrived: 4, lastArrived: 7, pages: 65, isComplete: true },
    { what: 'delta 3', from: 1, to: 2, began: null, firstArrived: 8, lastArrived: 8, pages: 2, isComplete: false },
  ])
})

describe('a recovery', () => {
  const lines = [
    ...start,
    a0.effect(0, { type: 'adopt', epoch: 2, checkpoint: 0, checksums: null }),
    a0.effect(1, startProgram),
    a0.effect(10, capture(1)),
    a1.effect(12, capture(1)),
    c0.effect(15, { type: 'applyStaged', checkpoint: 1 }),
    a1.effect(16, runStep),
    a0.event(18, stepEnded),
    conductor.event(20, { type: 'lost', processor: processorId(2) }),
    conductor.effect(20, begins(2, 'a1')),
    conductor.effect(21, becomes(9, 'a1', 2)),
    at('a0', 1, 2).effect(22, { type: 'stopProgram' }),
    conductor.effect(23, { type: 'lineFound', epoch: 2, line: 1, disk: null }),
    at('a0', 1, 2).effect(25, { type: 'restore', epoch: 2, checkpoint: 1 }),
    at('a1', 9, 2).effect(27, { type: 'adopt', epoch: 2, checkpoint: 1, checksums: null }),
    conductor.effect(30, resumed(1)),
    { ...at('a1', 9, 2).effect(31, runStep), pid: 4711 },
    at('a1', 2).event(33, stepEnded),
    conductor.event(34, { type: 'heard', processor: processorId(2) }),
    conductor.effect(34, { type: 'fence', processor: processorId(2) }),
    conductor.effect(40, { type: 'finished' }),
  ]
  const model = modelOf(lines)

  it('goes through the captures that everybody goes back to, and takes back what came after', () => {
    const points = [
      { lane: 0, at: 10 },
      { lane: 1, at: 12 },
    ]
    expect(model.cuts).toEqual([{ checkpoint: 1, committed: 15, points }])
    expect(model.recoveries).toEqual([{ epoch: 2, from: 20, to: 30, lost: ['a1'], line: 1, points }])
    expect(model.spans.filter(({ kind }) => kind === 'undone')).toEqual([
      { lane: 1, from: 12, to: 16, kind: 'undone' },
      { lane: 0, from: 10, to: 22, kind: 'undone' },
    ])
    expect(model.ending).toBe('finished')
  })

  it('gives the place to another processor; what the old one does then is on a lane of its own', () => {
    expect(model.lanes.map(({ place, isFormer }) => (isFormer ? `${place} replaced` : place))).toEqual([
      ...['a0', 'a1', 'a1 replaced', 'c0', 'b0', 'conductor'],
    ])
    expect(model.lanes[1]!.holders).toEqual([
      { processor: 2, pid: null, from: -5, to: 20, lastSeen: 16 },
      { processor: 9, pid: 4711, from: 21, to: null, lastSeen: 31 },
    ])
  })

  it('marks what happens on the lanes', () => {
    const placeOf = (lane: number): string =>
      `${model.lanes[lane]!.place}${model.lanes[lane]!.isFormer ? ' replaced' : ''}`
    const told = model.marks.map(({ lane, at, kind, short }) => `${placeOf(lane)} ${at} ${kind} ${short}`.trim())
    expect(told).toEqual([
      ...['a0 10 capture 1', 'a1 12 capture 1', 'c0 15 commit 1', 'a1 20 lost', 'a0 25 restored', 'a1 27 restored'],
      ...['a1 replaced 34 heard', 'a1 replaced 34 fenced'],
    ])
  })

  it('of check processors alone has no line: nobody goes back', () => {
    const only = [
      ...start,
      conductor.event(20, { type: 'lost', processor: processorId(3) }),
      conductor.effect(20, begins(2, 'c0')),
      conductor.effect(21, { type: 'lineFound', epoch: 2, line: 4, disk: null }),
      conductor.effect(25, resumed(4)),
    ]
    expect(modelOf(only).recoveries).toEqual([{ epoch: 2, from: 20, to: 25, lost: ['c0'], line: null, points: [] }])
  })
})

it('steps last until they end, or until the last sign of a processor that was lost', () => {
  const lines = [
    ...start,
    a0.effect(1, startProgram),
    a0.event(3, stepEnded),
    a0.effect(3, runStep),
    a0.event(5, { type: 'timeoutPassed' }),
    conductor.effect(9, begins(2, 'a0')),
  ]
  expect(modelOf(lines).spans).toEqual([
    { lane: 0, from: 1, to: 3, kind: 'step' },
    { lane: 0, from: 3, to: 5, kind: 'step' },
  ])
})

it('a freeze lasts until the thaw, or until a recovery stops the program or its processor is lost', () => {
  const lines = [
    ...start,
    a0.effect(1, { type: 'freeze', checkpoint: 1 }),
    a0.effect(3, capture(1)),
    a0.effect(4, { type: 'thaw', checkpoint: 1 }),
    a0.effect(6, { type: 'freeze', checkpoint: 2 }),
    a1.effect(7, { type: 'freeze', checkpoint: 2 }),
    conductor.event(9, { type: 'lost', processor: processorId(2) }),
    conductor.effect(9, begins(2, 'a1')),
    at('a0', 1, 2).effect(10, { type: 'stopProgram' }),
  ]
  expect(modelOf(lines).spans).toEqual([
    { lane: 0, from: 1, to: 4, kind: 'frozen' },
    { lane: 1, from: 7, to: 7, kind: 'frozen' },
    { lane: 0, from: 6, to: 10, kind: 'frozen' },
  ])
})
