import { unreachable } from '../base/index.ts'
import type { Store, StoreAnswer, StoreLease, StoreWatch } from './store.ts'
import { type FromStore, type ToStore, toStoreProblem } from './store-messages.ts'

/** What one who uses a store from elsewhere asks of it. */
export class StoreServer {
  readonly #store: Store
  readonly #give: (message: FromStore) => void
  readonly #watches = new Map<number, StoreWatch>()
  /** Those that ran out stay: whoever has not heard of it may still name them. */
  readonly #leases = new Map<number, StoreLease>()
  #isClosed = false

  /** `give`: sends a message to the `LinkedStore` at the other end. */
  constructor(store: Store, give: (message: FromStore) => void) {
    this.#store = store
    this.#give = give
  }

  /** Takes a message off the link. Returns why it is none that can be taken, in one line; null if all is well. */
  take(message: unknown): string | null {
    const problem = toStoreProblem(message) ?? this.#misnumbered(message as ToStore)
    if (problem === null && !this.#isClosed) this.#carryOut(message as ToStore)
    return problem
  }

  /** The link is over: whoever was there is gone, and what is bound to his leases goes with him. */
  close(): void {
    this.#isClosed = true
    for (const watch of this.#watches.values()) watch.close()
    for (const lease of this.#leases.values()) lease.revoke()
    this.#watches.clear()
    this.#leases.clear()
  }

  #misnumbered(message: ToStore): string | null {
    switch (message.type) {
      case 'watch':
        return this.#watches.has(message.watch) ? `there is a watch ${message.watch} already` : null
      case 'grant':
        return this.#leases.has(message.lease) ? `there is a lease ${message.lease} already` : null
      case 'swap':
        return message.lease === null || this.#leases.has(message.lease) ? null : `there is no lease ${message.lease}`
      default:
        return null
    }
  }

  #carryOut(message: ToStore): void {
    switch (message.type) {
      case 'swap': {
        const { request, lease: number, ...change } = message
        const lease = number === null ? undefined : this.#leases.get(number)
        this.#store.swap({ ...change, ...(lease && { lease }) }, (answer) => this.#answer(request, answer))
        return
      }
      case 'remove':
        this.#store.remove(message, (answer) => this.#answer(message.request, answer))
        return
      case 'watch':
        this.#watch(message.watch, message.name)
        return
      case 'unwatch':
        this.#watches.get(message.watch)?.close()
        this.#watches.delete(message.watch)
        return
      case 'grant':
        this.#grant(message.lease, message.ttlMs)
        return
      case 'keepAlive':
        this.#leases.get(message.lease)?.keepAlive()
        return
      case 'revoke':
        this.#leases.get(message.lease)?.revoke()
        return
      default:
        unreachable(message)
    }
  }

  #watch(watch: number, name: string): void {
    this.#watches.set(
      watch,
      this.#store.watch(name, (entry) => this.#send({ type: 'changed', watch, entry })),
    )
  }

  #grant(lease: number, ttlMs: number): void {
    const onOver = (): void => this.#send({ type: 'leaseOver', lease })
    this.#leases.set(lease, this.#store.grant({ ttlMs, onOver }))
  }

  #answer(request: number, answer: StoreAnswer): void {
    this.#send({ type: 'answer', request, answer })
  }

  #send(message: FromStore): void {
    if (!this.#isClosed) this.#give(message)
  }
}
