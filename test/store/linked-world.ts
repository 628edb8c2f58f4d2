import { Packr } from 'msgpackr/pack'
import { Unpackr } from 'msgpackr/unpack'
import { expect } from 'vitest'
import {
  EmbeddedStore,
  type FromStore,
  LinkedStore,
  type Store,
  StoreServer,
  type ToStore,
} from '../../src/store/index.ts'
import { FakeClock } from './fake-clock.ts'
import type { StoreWorld } from './store-world.ts'

// As links carry them.
const packr = new Packr({ useRecords: false })
const unpackr = new Unpackr({ useRecords: false, copyBuffers: true })

interface Ends {
  readonly client: LinkedStore
  readonly server: StoreServer
}

/** A link in memory: messages arrive as copies, each way in order, when the world says so. */
export class StoreLink {
  readonly ends: Ends
  #toStore: Uint8Array[] = []
  #fromStore: Uint8Array[] = []
  #isCut = false

  constructor(store: EmbeddedStore) {
    this.ends = {
      client: new LinkedStore((message: ToStore) => this.#toStore.push(Uint8Array.from(packr.pack(message)))),
      server: new StoreServer(store, (message: FromStore) =>
        this.#fromStore.push(Uint8Array.from(packr.pack(message))),
      ),
    }
  }

  /** Delivers the next message one way; false: there is none. */
  deliver(way: 'toStore' | 'fromStore'): boolean {
    const bytes = way === 'toStore' ? this.#toStore.shift() : this.#fromStore.shift()
    if (bytes === undefined) return false
    const message: unknown = unpackr.unpack(bytes)
    expect(way === 'toStore' ? this.ends.server.take(message) : this.ends.client.take(message)).toBeNull()
    return true
  }

  /** Breaks: of what is under way to the store, so much still arrives. */
  cut(arriving: number): void {
    if (this.#isCut) return
    this.#isCut = true
    for (let count = 0; count < arriving && this.deliver('toStore'); count += 1);
    this.#toStore = []
    this.#fromStore = []
    this.ends.server.close()
    this.ends.client.close()
  }
}

export class LinkedWorld implements StoreWorld {
  readonly clock = new FakeClock()
  readonly store = new EmbeddedStore(this.clock)
  readonly links: StoreLink[] = []
  /** Nothing is delivered to these, nor from them. */
  readonly frozen = new Set<Store>()

  client(): LinkedStore {
    const link = new StoreLink(this.store)
    this.links.push(link)
    return link.ends.client
  }

  async settle(): Promise<void> {
    while (this.step(() => 0));
  }

  step(choose: (below: number) => number): boolean {
    const links = this.links.filter(({ ends }) => !this.frozen.has(ends.client))
    const first = choose(links.length * 2)
    for (let count = 0; count < links.length * 2; count += 1) {
      const which = (first + count) % (links.length * 2)
      if (links[which >> 1]!.deliver(which % 2 === 0 ? 'toStore' : 'fromStore')) return true
    }
    return false
  }

  passMs(ms: number): void {
    this.clock.pass(ms)
  }

  cut(client: Store, arriving: number): void {
    this.links.find(({ ends }) => ends.client === client)!.cut(arriving)
  }
}
