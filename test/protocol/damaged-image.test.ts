/** Tables of a process that were damaged in memory: an error that says so, never another process. */
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { logRules } from '../../src/log/index.ts'
import { decodeProcess, encodeProcess } from '../../src/protocol/index.ts'

function imageOf(): Map<string, Uint8Array> {
  const process = decodeProcess(new Map())
  for (let index = 0; index < 3; index += 1) {
    logRules('default').send(process.log, { to: 1, interval: 4, tag: 'tag', payload: new Uint8Array(9) })
    process.outputs.push({ index, kind: 'emit', interval: 4, payload: new Uint8Array(7) })
  }
  process.waiting = { kind: 'receive', patterns: [{ from: 1, tag: null }] }
  process.nextOutput = 3
  return encodeProcess(process)
}

const image = imageOf()
const state = image.get('state')!
const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)
const bytes = (changed: string): Uint8Array => new TextEncoder().encode(changed)

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

it.each([
  ['', 'it is no JSON'],
  ['7', 'it is no object'],
  ['{}', 'its steps cannot be read'],
  [text(state).replace('"receive"', '"dance"'), 'its waiting cannot be read'],
  [text(state).replace('"status":0', '"status":5'), 'its sent cannot be read'],
  [text(state).replace('"kind":"emit"', '"kind":"omit"'), 'its outputs cannot be read'],
])('%s', (changed, problem) => {
  expect(changed).not.toBe(text(state))
  expect(() => decodeProcess(new Map([...image, ['state', bytes(changed)]]))).toThrow(problem)
})

it('a payload that is longer than what there is', () => {
  const changed = text(state).replace('"shared":9', '"shared":99999999')
  expect(() => decodeProcess(new Map([...image, ['state', bytes(changed)]]))).toThrow('are cut off')
})

test.prop([fc.array(fc.tuple(fc.nat(state.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })], {
  numRuns: 2000,
})('changed bytes are read or refused, and nothing else', (changes) => {
  const changed = state.slice()
  for (const [at, value] of changes) changed[at] = value
  decodeWith(changed)
})

test.prop([fc.json()], { numRuns: 1000 })('other JSON is refused', (json) => {
  expect(decodeWith(bytes(json.replaceAll(/[^\x20-\x7e]/g, '?')))).toBe('refused')
})
