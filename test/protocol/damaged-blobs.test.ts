/** Tables of a process that were damaged in memory: an error that says so, never another process. */
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { logRules } from '../../src/log/index.ts'
import { emptyMailbox, putInMailbox } from '../../src/protocol/application/mailbox.ts'
import { decodeMailbox, encodeMailbox } from '../../src/protocol/application/mailbox-blobs.ts'
import { readStoredProcess, writeStoredProcess } from '../../src/protocol/application/process-tables.ts'
import { decodeProcess, encodeProcess } from '../../src/protocol/index.ts'

function imageOf(): Map<string, Uint8Array> {
  const process = decodeProcess(new Map())
  for (let index = 0; index < 3; index += 1) {
    logRules('default').send(process.log, { to: 1, interval: 4, tag: 'tag', payload: new Uint8Array(9) })
    process.outputs.push({ index, kind: 'emit', interval: 4, payload: new Uint8Array(7) })
  }
  process.waiting = { kind: 'receive', patterns: [{ from: 1, tag: null }] }
  process.log.received.set(2, { watermark: 300, receipts: [{ sequence: 302, status: 1 }] })
  process.nextOutput = 3
  return encodeProcess(process)
}

const image = imageOf()
const state = image.get('state')!

const damage = /^the process's (?:tables|short payloads) in its checkpoint are (?:damaged|cut off)/

function decodeWith(changed: Uint8Array): 'decoded' | 'refused' {
  try {
    decodeProcess(new Map([...image, ['state', changed]]))
    return 'decoded'
  } catch (error) {
    expect((error as Error).message).toMatch(damage)
    return 'refused'
  }
}

/** The table's bytes up to one of them, and that one changed. */
const changedAt = (at: number, value: number): Uint8Array => Uint8Array.from([...state.subarray(0, at), value])

it.each([
  ['nothing', Uint8Array.of(), 'their steps cannot be read'],
  ['a number without an end', new Uint8Array(20).fill(0xff), 'their steps cannot be read'],
  [
    'a number beyond the safe ones',
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127),
    'their steps cannot be read',
  ],
  ['a number longer than it need be', Uint8Array.of(0x80, 0), 'their steps cannot be read'],
  ['what nobody waits for', changedAt(1, 4), 'their waiting cannot be read'],
  ['more patterns than bytes', changedAt(2, 99), 'their waiting cannot be read'],
  ['a byte too many', Uint8Array.from([...state, 0]), 'their end cannot be read'],
])('%s', (_, changed, problem) => {
  expect(() => decodeProcess(new Map([...image, ['state', changed]]))).toThrow(problem)
})

it('tables that end early', () => {
  for (let length = 0; length < state.length; length += 1) expect(decodeWith(state.subarray(0, length))).toBe('refused')
})

it('a payload that is longer than what there is', () => {
  const shared = image.get('shared')!
  expect(() => decodeProcess(new Map([...image, ['shared', shared.subarray(1)]]))).toThrow('are cut off')
})

test.prop([fc.array(fc.tuple(fc.nat(state.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })], {
  numRuns: 2000,
})('changed bytes are read or refused, and nothing else', (changes) => {
  const changed = state.slice()
  for (const [at, value] of changes) changed[at] = value
  decodeWith(changed)
})

test.prop([fc.uint8Array({ maxLength: 40 }), fc.nat(state.length)], { numRuns: 3000 })(
  'what is read is what would be written, to the last byte',
  (tail, kept) => {
    const bytes = Uint8Array.from([...state.subarray(0, kept), ...tail])
    try {
      expect(writeStoredProcess(readStoredProcess(bytes))).toEqual(bytes)
    } catch (error) {
      expect((error as Error).message).toMatch(damage)
    }
  },
)

function mailboxBlobs(): Map<string, Uint8Array> {
  const mailbox = emptyMailbox()
  for (const [sequence, bytes] of [5, 3000, 0].entries()) {
    putInMailbox(mailbox, { from: 1, sequence, interval: 2, tag: 'tag', payload: new Uint8Array(bytes).fill(sequence) })
  }
  return encodeMailbox(mailbox)
}

it('a mailbox comes back as it was, and encodes to the same bytes', () => {
  expect(encodeMailbox(decodeMailbox(mailboxBlobs()))).toEqual(mailboxBlobs())
})

test.prop([fc.uint8Array({ maxLength: 20 }), fc.nat(mailboxBlobs().get('mailbox')!.length)], { numRuns: 2000 })(
  'changed bytes of a mailbox are read or refused, and nothing else',
  (tail, kept) => {
    const rows = Uint8Array.from([...mailboxBlobs().get('mailbox')!.subarray(0, kept), ...tail])
    try {
      decodeMailbox(new Map([...mailboxBlobs(), ['mailbox', rows]]))
    } catch (error) {
      expect((error as Error).message).toMatch(damage)
    }
  },
)
