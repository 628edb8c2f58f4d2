import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Store, StoreEntry, StoreLease } from '../../src/store/index.ts'
import { type History, linearizabilityProblem, type Operation } from './linearizable.ts'
import type { StoreWorld } from './store-world.ts'

interface Client {
  readonly store: Store
  /** What it knows of each name. */
  readonly versions: Map<string, number>
  leases: { readonly lease: StoreLease; readonly number: number }[]
}

const clientsMax = 3
const names = ['a', 'b']
const turn = fc.record({
  client: fc.nat(clientsMax - 1),
  name: fc.constantFrom(...names),
  what: fc.constantFrom(
    'swap',
    'swap',
    'swap',
    'leased',
    'remove',
    'revoke',
    'watch',
    'step',
    'step',
    'step',
    'pass',
    'cut',
  ),
  /** What the client knows, or that there is nothing, or what it knew before. */
  base: fc.constantFrom<'known' | 'none' | 'older'>('known', 'known', 'known', 'none', 'older'),
  choice: fc.nat(1000),
})
type Turn = typeof turn extends fc.Arbitrary<infer One> ? One : never

/** Looks at what several did with a store at once, in some order in which it may come. */
export function randomHistories(makeWorld: () => StoreWorld): void {
  property.prop([fc.array(turn, { minLength: 10, maxLength: 45 })], { numRuns: 300 })(
    'are those of one variable that is compared and swapped, and no watcher goes back',
    async (turns) => {
      const world = makeWorld()
      const history = new Recorder(world)
      for (const one of turns) history.take(one)
      await world.settle()
      expect(linearizabilityProblem(history)).toBeNull()
      await history.expectWatchersToKnow()
    },
  )
}

class Recorder implements History {
  readonly operations: Operation[] = []
  readonly told: { name: string; entries: StoreEntry[]; store: Store }[] = []
  readonly #world: StoreWorld
  readonly #clients: Client[]
  #at = 0

  constructor(world: StoreWorld) {
    this.#world = world
    this.#clients = Array.from({ length: clientsMax }, () => this.#makeClient())
  }

  #makeClient(): Client {
    return { store: this.#world.client(), versions: new Map(), leases: [] }
  }

  take({ client: index, name, what, base, choice }: Turn): void {
    const client = this.#clients[index]!
    const known = client.versions.get(name) ?? 0
    const version = { known, none: 0, older: Math.max(0, known - 1 - (choice % 3)) }[base]
    this.#at += 1
    switch (what) {
      case 'swap':
        this.#swap(client, name, version, null)
        return
      case 'leased':
        if (client.leases.length === 0 || choice % 3 === 0) {
          client.leases.push({ lease: client.store.grant({ ttlMs: 1000 }), number: this.#at })
        }
        this.#swap(client, name, version, client.leases.at(-1)!)
        return
      case 'remove':
        if (version > 0) this.#remove(client, name, version)
        return
      case 'revoke':
        this.#revoke(client)
        return
      case 'watch':
        this.#watch(client, name)
        return
      case 'pass':
        this.#keepAlive()
        return
      case 'cut':
        this.#cut(index, choice % 4)
        return
      default:
        this.#world.step((below) => choice % below)
    }
  }

  #swap(client: Client, name: string, version: number, leased: Client['leases'][number] | null): void {
    const nonce = `${this.#at}`
    const one = this.#note({ kind: 'swap', name, version, nonce, lease: leased?.number ?? null })
    const change = { name, version, nonce, value: nonce, ...(leased && { lease: leased.lease }) }
    client.store.swap(change, (answer) => this.#noteAnswer(client, one, answer))
  }

  #remove(client: Client, name: string, version: number): void {
    const one = this.#note({ kind: 'remove', name, version, nonce: '', lease: null })
    client.store.remove({ name, version }, (answer) => this.#noteAnswer(client, one, answer))
  }

  #revoke({ leases }: Client): void {
    const last = leases.pop()
    if (!last) return
    this.#noteRevoked(last.number)
    last.lease.revoke()
  }

  /** Another one begins in the place of one whose link breaks. */
  #cut(index: number, arriving: number): void {
    if (!this.#world.cut) return
    const { store, leases } = this.#clients[index]!
    for (const { number } of leases) this.#noteRevoked(number)
    this.#world.cut(store, arriving)
    this.#clients[index] = this.#makeClient()
  }

  #noteRevoked(lease: number): void {
    for (const name of names) this.#note({ kind: 'revoke', name, version: 0, nonce: '', lease })
  }

  #watch({ store, versions }: Client, name: string): void {
    const entries: StoreEntry[] = []
    this.told.push({ name, entries, store })
    store.watch(name, (entry) => {
      entries.push(entry)
      versions.set(name, entry.version)
    })
  }

  /** Time passes, and nobody's lease runs out. */
  #keepAlive(): void {
    for (const { leases } of this.#clients) for (const { lease } of leases) lease.keepAlive()
    this.#world.passMs(100)
  }

  #note(one: Pick<Operation, 'kind' | 'name' | 'version' | 'nonce' | 'lease'>): Operation {
    const made = { ...one, calledAt: this.#at, answeredAt: Number.POSITIVE_INFINITY, answer: null }
    this.operations.push(made)
    return made
  }

  #noteAnswer({ versions }: Client, one: Operation, answer: NonNullable<Operation['answer']>): void {
    expect(one.answer).toBeNull()
    one.answer = answer
    if (answer.type === 'unknown') return
    this.#at += 1
    one.answeredAt = this.#at
    if (answer.type === 'agreed') versions.set(one.name, answer.version)
    if (answer.type === 'refused') versions.set(one.name, answer.found.version)
  }

  /** All that was told last is what there is. */
  async expectWatchersToKnow(): Promise<void> {
    const present = new Map<string, StoreEntry>()
    const store = this.#world.client()
    for (const name of names) store.watch(name, (entry) => present.set(name, entry))
    await this.#world.settle()
    const isThere = (store: Store): boolean => this.#clients.some((client) => client.store === store)
    for (const { name, entries, store: of } of this.told) {
      if (isThere(of)) expect(entries.at(-1)).toEqual(present.get(name))
    }
  }
}
