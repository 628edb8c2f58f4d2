import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  EmbeddedStore,
  type FromStore,
  LinkedStore,
  type StoreAnswer,
  type StoreEntry,
  StoreServer,
  type ToStore,
} from '../../src/store/index.ts'
import { storeContract } from './contract.ts'
import { FakeClock } from './fake-clock.ts'
import { LinkedWorld } from './linked-world.ts'

describe('a store over links', () => {
  storeContract(() => new LinkedWorld())
})

describe('a link that breaks', () => {
  it.each([
    ['before the store has heard', 0, null],
    ['before the answer is there', 1, 'x'],
  ])('%s: what was asked is unknown, and read back by its nonce', async (_, arriving, value) => {
    const world = new LinkedWorld()
    const one = world.client()
    const answers: StoreAnswer[] = []
    one.swap({ name: 'a', version: 0, nonce: '1.1', value: 'x' }, (answer) => answers.push(answer))
    world.cut(one, arriving)
    await world.settle()
    expect(answers).toEqual([{ type: 'unknown' }])
    const entries: StoreEntry[] = []
    world.client().watch('a', (entry) => entries.push(entry))
    await world.settle()
    expect(entries).toMatchObject([{ nonce: value === null ? '' : '1.1', value }])
  })

  it('leases end with it, at once, and both ends hear of it; nothing is told any more', async () => {
    const world = new LinkedWorld()
    const [one, other] = [world.client(), world.client()]
    let overs = 0
    const lease = one.grant({ ttlMs: 1000, onOver: () => (overs += 1) })
    one.swap({ name: 'a', version: 0, nonce: '1.1', value: 'x', lease }, () => {})
    const told: string[][] = [[], []]
    for (const [index, store] of [one, other].entries()) store.watch('a', ({ nonce }) => told[index]!.push(nonce))
    await world.settle()
    world.cut(one, 0)
    await world.settle()
    expect([told, overs]).toEqual([[['1.1'], ['1.1', '']], 1])
    expect(world.clock.armed).toBe(0)
  })

  it('afterwards whatever is asked is unknown at once, and nothing fails', async () => {
    const world = new LinkedWorld()
    const one = world.client()
    world.cut(one, 0)
    const answers: StoreAnswer[] = []
    const lease = one.grant({ ttlMs: 1000 })
    one.swap({ name: 'a', version: 0, nonce: '1.1', value: 'x', lease }, (answer) => answers.push(answer))
    one.remove({ name: 'a', version: 1 }, (answer) => answers.push(answer))
    one.watch('a', () => expect.unreachable()).close()
    lease.keepAlive()
    lease.revoke()
    one.close()
    await world.settle()
    expect(answers).toEqual([{ type: 'unknown' }, { type: 'unknown' }])
  })
})

describe('what comes off the link', () => {
  const samples: ToStore[] = [
    { type: 'grant', lease: 1, ttlMs: 1000 },
    { type: 'swap', request: 2, name: 'a', version: 0, nonce: 'n', value: { list: [1] }, lease: 1 },
    { type: 'remove', request: 3, name: 'a', version: 1 },
    { type: 'watch', watch: 4, name: 'a' },
    { type: 'unwatch', watch: 4 },
    { type: 'keepAlive', lease: 1 },
    { type: 'revoke', lease: 1 },
  ]
  const entry = { version: 1, nonce: 'n', value: null }
  const replies: FromStore[] = [
    { type: 'answer', request: 1, answer: { type: 'refused', found: entry } },
    { type: 'changed', watch: 4, entry },
    { type: 'leaseOver', lease: 1 },
  ]
  const server = () => new StoreServer(new EmbeddedStore(new FakeClock()), () => undefined)

  it('is taken if it is a message', () => {
    const one = server()
    expect(samples.map((message) => one.take(message))).toEqual(samples.map(() => null))
    const client = new LinkedStore(() => undefined)
    client.swap({ name: 'a', version: 0, nonce: 'n', value: 1 }, () => undefined)
    expect(replies.map((message) => client.take(message))).toEqual([null, null, null])
  })

  it.each<[unknown, string]>([
    [null, 'a message to the store is nothing, not an object'],
    [{ type: 'swop' }, "a message to the store of type 'swop', which there is not"],
    [{ ...samples[1], name: 3 }, "a message to the store of type 'swap': name is 3, not a text"],
    [{ ...samples[1], value: undefined }, "a message to the store of type 'swap': value is missing"],
    [{ ...samples[1], lease: 2 }, 'there is no lease 2'],
    [
      { ...samples[2], version: 0 },
      "a message to the store of type 'remove': version is 0, not the version of an entry",
    ],
    [
      { ...samples[0], ttlMs: 1e9 },
      "a message to the store of type 'grant': ttlMs is 1000000000, not milliseconds, at most 86400000",
    ],
    [samples[0], 'there is a lease 1 already'],
    [samples[3], 'there is a watch 4 already'],
  ])('the store refuses %j by name', (message, problem) => {
    const one = server()
    for (const sample of [samples[0], samples[3]]) one.take(sample)
    expect(one.take(message)).toBe(problem)
  })

  it.each<[unknown, string]>([
    [{ type: 'answer', request: 7, answer: { type: 'unknown' } }, 'there is no request 7, which the store answers'],
    [
      { type: 'changed', watch: 1, entry: { version: -1, nonce: '', value: null } },
      "a message from the store of type 'changed': entry.version is -1, not a whole number",
    ],
  ])('who asks refuses %j by name', (message, problem) => {
    expect(new LinkedStore(() => undefined).take(message)).toBe(problem)
  })

  const damaged = fc
    .tuple(fc.constantFrom(...samples, ...replies), fc.string({ maxLength: 8 }), fc.anything())
    .map(([message, field, value]) => ({
      ...message,
      [field in message ? field : Object.keys(message).at(-1)!]: value,
    }))

  property.prop([fc.array(fc.oneof(fc.anything(), damaged, fc.constantFrom(...samples)), { maxLength: 20 })], {
    numRuns: 200,
  })('never brings either end down, whatever it is', (messages) => {
    const [one, client] = [server(), new LinkedStore(() => undefined)]
    for (const message of messages) {
      for (const answer of [one.take(message), client.take(message)]) {
        expect(answer === null || answer.length > 0).toBe(true)
      }
    }
    one.close()
    client.close()
  })
})
