/** The text that the protocol describes itself with is understood: whoever changes one side is told here. */
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { describeEffect, describeEvent, describeFrame } from '../../src/protocol/index.ts'
import { type Deed, pagesOf, readDeed, trafficOf } from '../../src/trace/deed.ts'
import { frameSamples } from '../protocol/frame-samples.ts'

const deedOf = (kind: 'event' | 'effect', text: string): Deed | null =>
  readDeed({ at: 0, processor: null, pid: null, place: 'a0', epoch: 1, kind, text })

type Effect = Parameters<typeof describeEffect>[0]
type Event = Parameters<typeof describeEvent>[0]

const effect = (one: Effect): Deed | null => deedOf('effect', describeEffect(one))
const event = (one: Event): Deed | null => deedOf('event', describeEvent(one))

it.each(Object.values(frameSamples))('a $type is understood at both ends', (frame) => {
  const text = describeFrame(frame)
  expect(effect({ type: 'send', to: 'c0', epoch: 3, frame })).toEqual({ type: 'sent', to: 'c0', frame: text })
  const arrived = event({ type: 'frame', from: 'a1', epoch: 3, frame })
  expect(arrived).toEqual({ type: 'arrived', from: 'a1', epoch: 3, frame: text })
})

it('every type of frame belongs to a kind of traffic', () => {
  const kinds = Object.values(frameSamples).map((frame) => [frame.type, trafficOf(describeFrame(frame))])
  expect(Object.fromEntries(kinds)).toEqual({
    ...{ message: 'message', ack: 'acknowledgement', pressed: 'acknowledgement', stuck: 'acknowledgement' },
    ...{ store: 'checkpoint', stored: 'checkpoint', notStored: 'checkpoint' },
    ...{ request: 'checkpoint', grant: 'checkpoint', held: 'checkpoint', hurry: 'checkpoint', commit: 'checkpoint' },
    ...{ marker: 'checkpoint', captured: 'checkpoint' },
    ...{ delta: 'pages', deltaEnd: 'pages', merged: 'pages', mergedEnd: 'pages', image: 'pages', imageEnd: 'pages' },
    ...{ output: 'output', outputAck: 'output', failure: 'recovery', recover: 'recovery', report: 'recovery' },
    ...{ plan: 'recovery', restored: 'recovery', damaged: 'recovery', resume: 'recovery' },
  })
})

it('pages tell their stream, how many they are, and which are the last', () => {
  const { delta, deltaEnd, merged, mergedEnd, image, imageEnd } = frameSamples
  const told = [delta, deltaEnd, merged, mergedEnd, image, imageEnd].map((frame) => pagesOf(describeFrame(frame)))
  expect(told).toEqual([
    { stream: 'delta 3', pages: 2, isLast: false },
    { stream: 'delta 3', pages: 0, isLast: true },
    { stream: 'merged 3', pages: 2, isLast: false },
    { stream: 'merged 3', pages: 0, isLast: true },
    { stream: 'image for a1', pages: 0, isLast: false },
    { stream: 'image for a1', pages: 0, isLast: true },
  ])
})

describe('effects', () => {
  const epoch = 2
  const checkpoint = 3
  it.each<readonly [Effect, Deed | null]>([
    [
      { type: 'capture', checkpoint, blobs: new Map() },
      { type: 'captured', checkpoint },
    ],
    [
      { type: 'recycle', checkpoint },
      { type: 'recycled', checkpoint },
    ],
    [
      { type: 'applyStaged', checkpoint },
      { type: 'applied', checkpoint },
    ],
    [
      { type: 'restore', epoch, checkpoint },
      { type: 'restored', checkpoint },
    ],
    [{ type: 'stopProgram' }, { type: 'programStopped' }],
    [{ type: 'armTimeout' }, null],
    [{ type: 'runStep', first: true, deliveries: [] }, { type: 'stepBegan' }],
    [
      { type: 'assign', processor: processorId(7), place: 'c0', epoch },
      { type: 'assigned', processor: 7, place: 'c0', epoch },
    ],
    [
      { type: 'fence', processor: processorId(7) },
      { type: 'fenced', processor: 7 },
    ],
    [
      { type: 'recoveryBegan', epoch, lost: ['a0', 'c1'], rollback: true },
      { type: 'recoveryBegan', epoch, lost: ['a0', 'c1'] },
    ],
    [
      { type: 'recoveryBegan', epoch, lost: [], rollback: true },
      { type: 'recoveryBegan', epoch, lost: [] },
    ],
    [
      { type: 'lineFound', epoch, line: 3, disk: null },
      { type: 'lineFound', checkpoint },
    ],
    [
      { type: 'resumed', epoch, line: 3 },
      { type: 'resumed', checkpoint },
    ],
    [
      { type: 'output', rank: 1, index: 0, kind: 'emit', payload: new Uint8Array(0) },
      { type: 'output', place: 'a1' },
    ],
    [{ type: 'finished' }, { type: 'ended', how: 'finished' }],
    [
      { type: 'programFailed', rank: 1, error: 'x' },
      { type: 'ended', how: 'program failed on a1' },
    ],
    [
      { type: 'damaged', place: 'a1', onDisk: null, reason: 'y' },
      { type: 'ended', how: 'a1 is damaged: y' },
    ],
  ])('%j', (one, deed) => {
    expect(effect(one)).toEqual(deed)
  })

  it.each([
    ['ship delta 3 to c0 c1', { type: 'shipped', stream: 'delta 3', to: ['c0', 'c1'] }],
    ['ship merged delta 3 to b0', { type: 'shipped', stream: 'merged 3', to: ['b0'] }],
    ['ship image 3 for a2 to a0 from part 2, times 3', { type: 'shipped', stream: 'image for a2', to: ['a0'] }],
    ['add image 3 to part 0 for a2, to a1', { type: 'shipped', stream: 'image for a2', to: ['a1'] }],
    ['something that is not known', null],
  ])('%s', (text, deed) => {
    expect(deedOf('effect', text)).toEqual(deed)
  })
})

it('events', () => {
  expect(event({ type: 'lost', processor: processorId(7) })).toEqual({ type: 'lost', processor: 7 })
  expect(event({ type: 'silent', processor: processorId(7) })).toEqual({ type: 'silent', processor: 7 })
  expect(event({ type: 'stepFailed', site: 'a.ts:3', error: 'x' })).toEqual({ type: 'stepFailed', site: 'a.ts:3' })
  const result = { sends: [], outputs: [], waiting: { kind: 'continue' as const }, vars: null }
  expect(event({ type: 'stepEnded', result })).toEqual({ type: 'stepEnded' })
  expect(event({ type: 'timeoutPassed' })).toBeNull()
})
