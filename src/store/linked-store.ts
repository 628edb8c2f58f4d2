import { assert, unreachable } from '../base/index.ts'
import type {
  LeaseTerms,
  Store,
  StoreAnswer,
  StoreEntry,
  StoreLease,
  StoreRemoval,
  StoreSwap,
  StoreWatch,
} from './store.ts'
import { type FromStore, fromStoreProblem, type ToStore } from './store-messages.ts'

type Answered = (answer: StoreAnswer) => void

/** A store that is somewhere else, over a link with a `StoreServer` at its other end. */
export class LinkedStore implements Store {
  readonly #give: (message: ToStore) => void
  readonly #requests = new Map<number, Answered>()
  readonly #watches = new Map<number, (entry: StoreEntry) => void>()
  readonly #leases = new Map<number, LeaseTerms>()
  /** The numbers of all leases that were granted here, over or not. */
  readonly #numbers = new WeakMap<StoreLease, number>()
  #lastNumber = 0
  #isClosed = false

  /** `give`: sends a message to the `StoreServer` at the other end. Messages have to arrive in their order. */
  constructor(give: (message: ToStore) => void) {
    this.#give = give
  }

  swap({ name, version, nonce, value, lease: of }: StoreSwap, answer: Answered): void {
    const lease = of === undefined ? null : this.#numbers.get(of)
    assert(lease !== undefined, 'the lease is of this store')
    this.#ask(answer, (request) => ({ type: 'swap', request, name, version, nonce, value, lease }))
  }

  remove({ name, version }: StoreRemoval, answer: Answered): void {
    assert(version > 0, 'there is something to be removed')
    this.#ask(answer, (request) => ({ type: 'remove', request, name, version }))
  }

  watch(name: string, onChange: (entry: StoreEntry) => void): StoreWatch {
    const watch = this.#newNumber()
    if (!this.#isClosed) this.#watches.set(watch, onChange)
    this.#send({ type: 'watch', watch, name })
    return {
      close: () => {
        if (this.#watches.delete(watch)) this.#send({ type: 'unwatch', watch })
      },
    }
  }

  grant(terms: LeaseTerms): StoreLease {
    const { ttlMs } = terms
    const number = this.#newNumber()
    if (!this.#isClosed) this.#leases.set(number, terms)
    this.#send({ type: 'grant', lease: number, ttlMs })
    const lease: StoreLease = {
      keepAlive: () => {
        if (this.#leases.has(number)) this.#send({ type: 'keepAlive', lease: number })
      },
      revoke: () => {
        if (this.#leases.delete(number)) this.#send({ type: 'revoke', lease: number })
      },
    }
    this.#numbers.set(lease, number)
    return lease
  }

  /** Takes a message off the link. Returns why it is none that can be taken, in one line; null if all is well. */
  take(message: unknown): string | null {
    const problem = fromStoreProblem(message)
    return problem ?? this.#handle(message as FromStore)
  }

  /**
   * The link is over. What was asked and not answered is unknown, and so is at once what is asked from now on; all leases
   * are over.
   */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const [requests, leases] = [[...this.#requests.values()], [...this.#leases.values()]]
    for (const all of [this.#requests, this.#watches, this.#leases]) all.clear()
    for (const answer of requests) answer({ type: 'unknown' })
    for (const { onOver } of leases) onOver?.()
  }

  #ask(answer: Answered, make: (request: number) => ToStore): void {
    if (this.#isClosed) {
      answer({ type: 'unknown' })
      return
    }
    const request = this.#newNumber()
    this.#requests.set(request, answer)
    this.#send(make(request))
  }

  #newNumber(): number {
    this.#lastNumber += 1
    return this.#lastNumber
  }

  #send(message: ToStore): void {
    if (!this.#isClosed) this.#give(message)
  }

  /** Watches and leases may have been closed here while the message was under way. */
  #handle(message: FromStore): string | null {
    switch (message.type) {
      case 'answer': {
        const answer = this.#requests.get(message.request)
        if (answer === undefined) return `there is no request ${message.request}, which the store answers`
        this.#requests.delete(message.request)
        answer(message.answer)
        return null
      }
      case 'changed':
        this.#watches.get(message.watch)?.(message.entry)
        return null
      case 'leaseOver': {
        const terms = this.#leases.get(message.lease)
        this.#leases.delete(message.lease)
        terms?.onOver?.()
        return null
      }
      default:
        return unreachable(message)
    }
  }
}
