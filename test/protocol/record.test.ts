/** What traces keep of events and effects: all that is no bytes, in lines that a reader takes, whatever a program says. */
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { problemWith } from '../../src/base/index.ts'
import {
  type AnyEffect,
  describeEffect,
  describeEvent,
  describeFrame,
  type Frame,
  recordEffect,
  recordEvent,
  recordedEffect,
  recordedEvent,
} from '../../src/protocol/index.ts'
import { frameSamples } from './frame-samples.ts'

/** As it comes out of a file. */
const reread = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

it.each(Object.values(frameSamples))('a $type, sent and received, comes back out of a file', (frame) => {
  const sent = recordEffect({ type: 'send', to: 'c0', epoch: 3, frame })
  const received = recordEvent({ type: 'frame', from: 'a1', epoch: 3, frame })
  expect(problemWith('it', reread(sent.what), recordedEffect)).toBeNull()
  expect(problemWith('it', reread(received.what), recordedEvent)).toBeNull()
  expect(reread(sent.what)).toEqual(sent.what)
})

it('bytes, pages, and what holds such are told by how many they are', () => {
  const { message, delta, mergedEnd } = frameSamples
  const told = [message, delta, mergedEnd].map((frame) => recordEffect({ type: 'send', to: 'a1', epoch: 1, frame }))
  expect(told.map(({ what }) => 'frame' in what && what.frame)).toEqual([
    { type: 'message', sequence: 4, interval: 2, tag: 'chunk', payload: 5 },
    { type: 'delta', checkpoint: 3, part: 0, batch: 2 },
    { type: 'mergedEnd', checkpoint: 3, parts: 1, checksums: 1 },
  ])
  const blobs = new Map([['log', new Uint8Array(9)]])
  expect(recordEffect({ type: 'capture', checkpoint: 1, blobs }).what).toEqual({
    ...{ type: 'capture', checkpoint: 1, blobs: 1 },
  })
})

it('lines stay short however much happens', () => {
  const payload = new Uint8Array(0)
  const sends = Array.from({ length: 50_000 }, () => ({ to: 1, tag: 'x'.repeat(100), payload }))
  const result = { sends, outputs: [], waiting: { kind: 'continue' as const }, vars: null }
  const failure = { type: 'stepFailed' as const, site: 'y'.repeat(1e6), error: 'z'.repeat(1e6) }
  const groups = Array.from({ length: 300_000 }, (_, group) => group)
  for (const event of [
    { type: 'stepEnded' as const, result },
    failure,
    { type: 'damaged' as const, epoch: 1, groups },
  ]) {
    expect(JSON.stringify(recordEvent(event)).length).toBeLessThan(8000)
    expect(describeEvent(event).length).toBeLessThan(300)
  }
})

const message = (tag: string): Frame => ({ ...frameSamples.message, tag })

it.each([
  ['chunk', "message 4 'chunk' of interval 2, 5 bytes"],
  ['of interval 9,', "message 4 'of interval 9,' of interval 2, 5 bytes"],
  ["' of interval 9, 3 bytes", "message 4 '\\' of interval 9, 3 bytes' of interval 2, 5 bytes"],
  ["\\' of", "message 4 '\\\\\\' of' of interval 2, 5 bytes"],
  ['two\nlines', "message 4 'two\\nlines' of interval 2, 5 bytes"],
  ['\u2028\u0085\r\0', "message 4 '\\u2028\\u0085\\u000d\\u0000' of interval 2, 5 bytes"],
  ['\ud800', "message 4 '\\ud800' of interval 2, 5 bytes"],
  ['', "message 4 '' of interval 2, 5 bytes"],
])('a tag %j is described so that its end can be told', (tag, description) => {
  expect(describeFrame(message(tag))).toBe(description)
})

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom("'", '\\', "' of interval 9, 1 bytes", '\n'))

test.prop([anyText, anyText])(
  'whatever a program says, its text is one line, and its record is read back',
  (text, tag) => {
    const effects: AnyEffect[] = [
      { type: 'send', to: 'a1', epoch: 1, frame: message(tag) },
      { type: 'send', to: 'a1', epoch: 1, frame: { type: 'failure', step: 1, site: text, error: text } },
      {
        type: 'runStep',
        first: false,
        deliveries: [{ from: 1, sequence: 2, interval: 3, tag, payload: new Uint8Array(1) }],
      },
      { type: 'damaged', place: 'a1', onDisk: null, reason: text },
      { type: 'programFailed', rank: 1, error: text },
    ]
    for (const effect of effects) {
      expect(describeEffect(effect)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+$/u)
      const { what } = recordEffect(effect)
      expect(problemWith('it', reread(what), recordedEffect)).toBeNull()
      expect(reread(what)).toEqual(what)
    }
    expect(describeEffect(effects[0]!).endsWith("' of interval 2, 5 bytes")).toBe(true)
  },
)
