import type {
  LeaseTerms,
  Store,
  StoreAnswer,
  StoreEntry,
  StoreLease,
  StoreRemoval,
  StoreSwap,
  StoreWatch,
} from '../../src/store/index.ts'

/** A store from which now and then no answer comes: either it had not heard what was asked, or it has done it. */
export class LossyStore implements Store {
  loses: 'nothing' | 'requests' | 'answers' = 'nothing'
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  swap(change: StoreSwap, answer: (answer: StoreAnswer) => void): void {
    this.#ask((heard) => this.#store.swap(change, heard), answer)
  }

  remove(removal: StoreRemoval, answer: (answer: StoreAnswer) => void): void {
    this.#ask((heard) => this.#store.remove(removal, heard), answer)
  }

  watch(name: string, onChange: (entry: StoreEntry) => void): StoreWatch {
    return this.#store.watch(name, onChange)
  }

  grant(terms: LeaseTerms): StoreLease {
    return this.#store.grant(terms)
  }

  #ask(ask: (heard: (answer: StoreAnswer) => void) => void, answer: (answer: StoreAnswer) => void): void {
    if (this.loses === 'requests') answer({ type: 'unknown' })
    else ask((heard) => answer(this.loses === 'answers' ? { type: 'unknown' } : heard))
  }
}
