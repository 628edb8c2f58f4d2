import { describe, expect, it } from 'vitest'
import { EmbeddedStore, type StoreAnswer, type StoreEntry } from '../../src/store/index.ts'
import { storeContract } from './contract.ts'
import { FakeClock } from './fake-clock.ts'
import { linearizabilityProblem, type Operation } from './linearizable.ts'

describe('the embedded store', () => {
  storeContract(() => {
    const clock = new FakeClock()
    const store = new EmbeddedStore(clock)
    return {
      client: () => store,
      settle: () => Promise.resolve(),
      step: () => false,
      passMs: (ms) => clock.pass(ms),
    }
  })

  it('answers before the call returns, and before watchers are told', () => {
    const store = new EmbeddedStore(new FakeClock())
    const heard: string[] = []
    store.watch('a', ({ nonce }) => heard.push(`told of '${nonce}'`))
    store.swap({ name: 'a', version: 0, nonce: '1', value: 'x' }, ({ type }) => heard.push(type))
    heard.push('returned')
    expect(heard).toEqual(["told of ''", 'agreed', "told of '1'", 'returned'])
  })

  it('a watcher that fails takes nothing from the others', () => {
    const store = new EmbeddedStore(new FakeClock())
    const told: string[] = []
    store.watch('a', ({ version }) => {
      if (version > 0) throw new Error('a watcher')
    })
    store.watch('b', ({ nonce }) => told.push(nonce))
    const swap = (name: string, nonce: string): void =>
      store.swap({ name, version: 0, nonce, value: 'x' }, () => undefined)
    expect(() => swap('a', '1')).toThrow('a watcher')
    swap('b', '2')
    expect(told).toEqual(['', '2'])
  })

  it('a lease outlives that the whole process was frozen, if it is kept alive at once', () => {
    const clock = new FakeClock()
    const store = new EmbeddedStore(clock)
    const overs: string[] = []
    const grant = (who: string) => store.grant({ ttlMs: 1000, onOver: () => overs.push(who) })
    const [alive] = [grant('alive'), grant('dead')]
    clock.pass(500)
    clock.jump(60_000)
    alive!.keepAlive()
    clock.pass(250)
    expect(overs).toEqual(['dead'])
    clock.pass(2000)
    expect(overs).toEqual(['dead', 'alive'])
    expect(clock.armed).toBe(0)
  })

  it('keeps nothing of names that are gone, and no timer of leases', () => {
    const clock = new FakeClock()
    const store = new EmbeddedStore(clock)
    const entries: StoreEntry[] = []
    for (let count = 0; count < 3; count += 1) {
      const lease = store.grant({ ttlMs: 1000 })
      const watch = store.watch('a', (entry) => entries.push(entry))
      const answers: StoreAnswer[] = []
      store.swap({ name: 'a', version: 0, nonce: 'x', value: count, lease }, (answer) => answers.push(answer))
      watch.close()
      lease.revoke()
      expect(answers).toMatchObject([{ type: 'agreed' }])
    }
    expect(entries.map(({ value }) => value)).toEqual([null, 0, null, 1, null, 2])
    expect(clock.armed).toBe(0)
  })
})

describe('the check of histories', () => {
  const asked = { kind: 'swap', name: 'a', lease: null } as const
  const first: Operation = {
    ...{ ...asked, version: 0, nonce: '1', calledAt: 1, answeredAt: 2 },
    answer: { type: 'agreed', version: 5 },
  }
  const second: Operation = {
    ...{ ...asked, version: 5, nonce: '2', calledAt: 3, answeredAt: 4 },
    answer: { type: 'agreed', version: 6 },
  }
  const entry = (version: number, nonce: string): StoreEntry => ({ version, nonce, value: null })
  const problem = (operations: Operation[], ...entries: StoreEntry[]): string | null =>
    linearizabilityProblem({ operations, told: [{ name: 'a', entries }] })

  it('what can be put into an order passes', () => {
    expect(problem([first, second], entry(0, ''), entry(6, '2'))).toBeNull()
    const late: Operation = { ...second, calledAt: 1, answeredAt: 9 }
    expect(problem([late, first])).toBeNull()
    const unanswered: Operation = { ...first, answeredAt: Number.POSITIVE_INFINITY, answer: { type: 'unknown' } }
    expect(problem([unanswered, second], entry(5, '1'))).toBeNull()
    expect(problem([unanswered])).toBeNull()
  })

  it.each<[string, Operation[], StoreEntry[]]>([
    ['two that build on the same', [first, { ...second, version: 0 }], []],
    ['a version that comes again', [first, { ...second, answer: { type: 'agreed', version: 5 } }], []],
    ['one that builds on what was not answered yet', [{ ...first, calledAt: 5, answeredAt: 6 }, second], []],
    [
      'an answer that is too old',
      [first, { ...second, version: 9, answer: { type: 'refused', found: entry(0, '') } }],
      [],
    ],
    ['a watcher that goes back', [first, second], [entry(6, '2'), entry(5, '1')]],
    ['one that is told twice', [first, second], [entry(5, '1'), entry(5, '1')]],
  ])('canary: %s is found', (_, operations, entries) => {
    expect(problem(operations, ...entries)).not.toBeNull()
  })
})
