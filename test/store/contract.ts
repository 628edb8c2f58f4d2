// What every store does, whatever is behind it. Nothing of it is tied to the store being in this process, or to when it
// answers, so that one that runs elsewhere can be put to it.
import { beforeEach, describe, expect, it } from 'vitest'
import type { Store, StoreAnswer, StoreEntry, StoreLease } from '../../src/store/index.ts'
import { randomHistories } from './random-history.ts'
import type { StoreWorld } from './store-world.ts'

export function storeContract(makeWorld: () => StoreWorld): void {
  let world: StoreWorld
  let one: Store
  let other: Store
  beforeEach(() => {
    world = makeWorld()
    one = world.client()
    other = world.client()
  })

  async function answerOf(ask: (answer: (answer: StoreAnswer) => void) => void): Promise<StoreAnswer> {
    const answers: StoreAnswer[] = []
    ask((answer) => answers.push(answer))
    await world.settle()
    expect(answers).toHaveLength(1)
    return answers[0]!
  }

  const swap = (store: Store, name: string, version: number, nonce: string, value: unknown, lease?: StoreLease) =>
    answerOf((answer) => store.swap({ name, version, nonce, value, ...(lease && { lease }) }, answer))
  const remove = (store: Store, name: string, version: number) =>
    answerOf((answer) => store.remove({ name, version }, answer))
  const put = async (
    store: Store,
    name: string,
    version: number,
    nonce: string,
    value: unknown,
    lease?: StoreLease,
  ) => {
    const answer = await swap(store, name, version, nonce, value, lease)
    expect(answer.type).toBe('agreed')
    return answer.type === 'agreed' ? answer.version : 0
  }
  async function watched(store: Store, name: string): Promise<StoreEntry[]> {
    const entries: StoreEntry[] = []
    store.watch(name, (entry) => entries.push(entry))
    await world.settle()
    return entries
  }
  const nothing = { version: 0, nonce: '', value: null }

  describe('compare and swap', () => {
    it('makes an entry where there is nothing, and replaces it by its version', async () => {
      const first = await put(one, 'a', 0, '1.1', { conductor: 1 })
      expect(first).toBeGreaterThan(0)
      const second = await put(other, 'a', first, '2.1', { conductor: 2, members: [['a0', 5]] })
      expect(second).toBeGreaterThan(first)
      expect(await watched(one, 'a')).toEqual([
        { version: second, nonce: '2.1', value: { conductor: 2, members: [['a0', 5]] } },
      ])
    })

    it('refuses what builds on something else, and says what there is', async () => {
      expect(await swap(one, 'a', 7, '1.1', 'x')).toEqual({ type: 'refused', found: nothing })
      const version = await put(one, 'a', 0, '1.2', 'x')
      const found = { version, nonce: '1.2', value: 'x' }
      expect(await swap(other, 'a', 0, '2.1', 'y')).toEqual({ type: 'refused', found })
      expect(await swap(other, 'a', version + 1, '2.2', 'y')).toEqual({ type: 'refused', found })
      expect(await watched(other, 'a')).toEqual([found])
    })

    it('knows his own by the nonce who never heard the answer, and asks again', async () => {
      const version = await put(one, 'a', 0, '1.1', 'x')
      expect(await swap(one, 'a', 0, '1.1', 'x')).toEqual({
        type: 'refused',
        found: { version, nonce: '1.1', value: 'x' },
      })
    })

    it('names do not mix', async () => {
      const version = await put(one, 'runs/a/record', 0, '1.1', 'x')
      await put(other, 'runs/a/record/b', 0, '2.1', 'y')
      await put(one, 'runs/a/record', version, '1.2', 'z')
      expect((await watched(one, 'runs/a/record/b')).map(({ value }) => value)).toEqual(['y'])
    })

    it('of several that ask at once, one is agreed', async () => {
      const answers: StoreAnswer[] = []
      for (const [index, store] of [one, other, world.client()].entries()) {
        store.swap({ name: 'a', version: 0, nonce: `${index}.1`, value: index }, (answer) => answers.push(answer))
      }
      await world.settle()
      expect(answers.map(({ type }) => type).toSorted()).toEqual(['agreed', 'refused', 'refused'])
    })

    it('carries plain data as it is', async () => {
      const value = { text: 'ä', list: [1, -2.5, [null]], bytes: Uint8Array.of(0, 255), yes: true, none: null }
      await put(one, 'a', 0, '1.1', value)
      expect((await watched(other, 'a'))[0]!.value).toEqual(value)
    })
  })

  describe('removing', () => {
    it('by the version', async () => {
      const version = await put(one, 'a', 0, '1.1', 'x')
      const found = { version, nonce: '1.1', value: 'x' }
      expect(await remove(other, 'a', version + 1)).toEqual({ type: 'refused', found })
      expect(await remove(other, 'a', version)).toEqual({ type: 'agreed', version: 0 })
      expect(await remove(one, 'a', version)).toEqual({ type: 'refused', found: nothing })
    })

    it('no version comes again: what was meant for an entry does not meet the one after it', async () => {
      const first = await put(one, 'a', 0, '1.1', 'x')
      await remove(one, 'a', first)
      const second = await put(one, 'a', 0, '1.2', 'x')
      expect(second).toBeGreaterThan(first)
      expect(await remove(other, 'a', first)).toMatchObject({ type: 'refused' })
      expect(await swap(other, 'a', first, '2.1', 'y')).toMatchObject({ type: 'refused' })
    })
  })

  describe('watching', () => {
    it('tells of nothing, of what is made, of what replaces it, and of its end', async () => {
      const entries = await watched(other, 'a')
      const first = await put(one, 'a', 0, '1.1', 'x')
      const second = await put(other, 'a', first, '2.1', 'y')
      await remove(one, 'a', second)
      expect(entries).toEqual([
        nothing,
        { version: first, nonce: '1.1', value: 'x' },
        { version: second, nonce: '2.1', value: 'y' },
        nothing,
      ])
    })

    it('nothing of other names, and nothing any more once it is closed', async () => {
      const entries: StoreEntry[] = []
      const watch = one.watch('a', (entry) => entries.push(entry))
      await put(one, 'b', 0, '1.1', 'x')
      await world.settle()
      watch.close()
      watch.close()
      const after = await watched(one, 'a')
      await put(other, 'a', 0, '2.1', 'y')
      expect(entries).toEqual([nothing])
      expect(after.map(({ nonce }) => nonce)).toEqual(['', '2.1'])
    })

    it('a watcher that changes something in turn is told of that later, and no other one goes back', async () => {
      const seen = new Map<string, string[]>()
      const follow = (who: string, store: Store): void => {
        const nonces: string[] = []
        seen.set(who, nonces)
        store.watch('a', ({ version, nonce }) => {
          if (who === 'changer' && nonce === '1.1')
            store.swap({ name: 'a', version, nonce: '2.1', value: 'y' }, () => {})
          nonces.push(nonce)
        })
      }
      follow('before', one)
      follow('changer', other)
      follow('after', one)
      await world.settle()
      await put(one, 'a', 0, '1.1', 'x')
      await world.settle()
      expect(seen.get('changer')).toEqual(['', '1.1', '2.1'])
      for (const nonces of seen.values()) {
        expect(['', '1.1', '2.1'].filter((nonce) => nonces.includes(nonce))).toEqual(nonces)
        expect(nonces.at(-1)).toBe('2.1')
      }
    })
  })

  describe('leases', () => {
    it('what is bound to one goes when it is revoked, and others hear of it', async () => {
      const lease = one.grant({ ttlMs: 1000 })
      await put(one, 'a', 0, '1.1', 'x', lease)
      await put(one, 'b', 0, '1.2', 'x', lease)
      const kept = await put(one, 'c', 0, '1.3', 'x')
      const entries = [await watched(other, 'a'), await watched(other, 'b'), await watched(other, 'c')]
      lease.revoke()
      await world.settle()
      expect(entries.map((all) => all.at(-1)!.version)).toEqual([0, 0, kept])
      expect(await swap(one, 'a', 0, '1.4', 'x', lease)).toEqual({ type: 'leaseOver' })
      expect(await swap(one, 'c', 0, '1.5', 'x', lease)).toMatchObject({ type: 'refused' })
      lease.keepAlive()
      await world.settle()
      expect(await swap(one, 'a', 0, '1.6', 'x', lease)).toEqual({ type: 'leaseOver' })
    })

    it('lives as long as it is kept alive, and not long after', async () => {
      let overs = 0
      const lease = one.grant({ ttlMs: 1000, onOver: () => (overs += 1) })
      await put(one, 'a', 0, '1.1', 'x', lease)
      const entries = await watched(other, 'a')
      for (let count = 0; count < 5; count += 1) {
        world.passMs(900)
        lease.keepAlive()
        await world.settle()
      }
      world.passMs(999)
      await world.settle()
      expect([entries.length, overs]).toEqual([1, 0])
      world.passMs(1000)
      await world.settle()
      expect(entries.slice(1)).toEqual([nothing])
      expect(overs).toBe(1)
      lease.revoke()
      await world.settle()
      expect(overs).toBe(1)
    })

    it('is not told to be over by whoever ends it', async () => {
      let overs = 0
      const lease = one.grant({ ttlMs: 1000, onOver: () => (overs += 1) })
      lease.revoke()
      await world.settle()
      world.passMs(5000)
      await world.settle()
      expect(overs).toBe(0)
    })

    it('an entry is bound to the lease of its last change', async () => {
      const [first, second] = [one.grant({ ttlMs: 1000 }), one.grant({ ttlMs: 1000 })]
      const version = await put(one, 'a', 0, '1.1', 'x', first)
      await put(one, 'a', version, '1.2', 'y', second)
      const freed = await put(one, 'b', 0, '1.3', 'x', first)
      await put(other, 'b', freed, '2.1', 'y')
      first.revoke()
      await world.settle()
      const entries = [await watched(other, 'a'), await watched(other, 'b')]
      expect(entries.map((all) => all[0]!.value)).toEqual(['y', 'y'])
      second.revoke()
      await world.settle()
      expect(entries.map((all) => all.at(-1)!.value)).toEqual([null, 'y'])
    })

    it('an entry that was removed or replaced does not come into its place again', async () => {
      const lease = one.grant({ ttlMs: 1000 })
      const version = await put(one, 'a', 0, '1.1', 'x', lease)
      await remove(other, 'a', version)
      const kept = await put(other, 'a', 0, '2.1', 'y')
      lease.revoke()
      await world.settle()
      expect(await watched(one, 'a')).toEqual([{ version: kept, nonce: '2.1', value: 'y' }])
    })
  })

  describe('random histories of several', () => {
    randomHistories(makeWorld)
  })
}
