/** What pictures call frames, and which frames belong to one stream of pages. */
import { expect, it } from 'vitest'
import { type AnyEffect, type Frame, type RecordedFrame, recordEffect } from '../../src/protocol/index.ts'
import { captionOf, shipmentOf, streamOf, trafficOf } from '../../src/trace/traffic.ts'
import { frameSamples } from '../protocol/frame-samples.ts'
import { message } from './lines.ts'

function recorded(frame: Frame): RecordedFrame {
  const { what } = recordEffect({ type: 'send', to: 'a1', epoch: 1, frame })
  if (what.type !== 'send') throw new Error('an effect is recorded as what it is')
  return what.frame
}
const samples = Object.values(frameSamples).map(recorded)

it('every type of frame belongs to a kind of traffic', () => {
  expect(Object.fromEntries(samples.map((frame) => [frame.type, trafficOf(frame)]))).toEqual({
    ...{ message: 'message', ack: 'acknowledgement', pressed: 'acknowledgement', stuck: 'acknowledgement' },
    ...{ store: 'checkpoint', stored: 'checkpoint', notStored: 'checkpoint' },
    ...{
      request: 'checkpoint',
      grant: 'checkpoint',
      held: 'checkpoint',
      begun: 'checkpoint',
      hurry: 'checkpoint',
      commit: 'checkpoint',
    },
    ...{ marker: 'checkpoint', captured: 'checkpoint' },
    ...{ delta: 'pages', deltaEnd: 'pages', merged: 'pages', mergedEnd: 'pages', image: 'pages', imageEnd: 'pages' },
    ...{ output: 'output', outputAck: 'output', failure: 'recovery', recover: 'recovery', report: 'recovery' },
    ...{ plan: 'recovery', restored: 'recovery', damaged: 'recovery', resume: 'recovery' },
  })
})

it('those with pages, and no others, tell their stream, how many they are, and which are the last', () => {
  expect(samples.map(streamOf).filter(Boolean)).toEqual([
    { what: 'delta 3', pages: 2, isLast: false },
    { what: 'delta 3', pages: 0, isLast: true },
    { what: 'merged 3', pages: 2, isLast: false },
    { what: 'merged 3', pages: 0, isLast: true },
    { what: 'image for a1', pages: 0, isLast: false },
    { what: 'image for a1', pages: 0, isLast: true },
  ])
})

it.each<readonly [AnyEffect, ReturnType<typeof shipmentOf>]>([
  [
    { type: 'shipDelta', to: ['c0', 'c1'], epoch: 1, checkpoint: 3 },
    { what: 'delta 3', to: ['c0', 'c1'] },
  ],
  [
    { type: 'shipMerged', to: 'b0', epoch: 1, checkpoint: 3, checksums: [] },
    { what: 'merged 3', to: ['b0'] },
  ],
  [
    { type: 'shipImage', to: 'a0', epoch: 1, checkpoint: 3, target: 'a2', coefficient: 3, part: 2, checksums: [] },
    { what: 'image for a2', to: ['a0'] },
  ],
  [{ type: 'clear' }, null],
])('%j begins the stream that its frames belong to', (effect, shipment) => {
  const { what, kind } = recordEffect(effect)
  expect(kind === 'effect' && shipmentOf(what)).toEqual(shipment)
})

it('captions are short, and of one line', () => {
  const captions = samples.map((frame) => captionOf(frame))
  expect(captions.slice(0, 6)).toEqual(['chunk 4', '', '', '', 'marker 3', 'captured 3'])
  for (const one of captions) expect(one.length).toBeLessThan(30)
  expect(captionOf(recorded(message(7, { tag: 'a\nb' })))).toBe('a\\nb 7')
  expect(captionOf(recorded(message(7, { tag: 'of interval 9, 4 bytes' })))).toBe('of interval 9, 4 … 7')
})
