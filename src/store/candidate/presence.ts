import type { Store, StoreClock, StoreLease } from '../store.ts'

interface PresenceOptions {
  readonly store: Store
  readonly clock: StoreClock
  readonly name: string
  readonly ttlMs: number
  /** There is another lease, since the one before ran out. */
  onRenewed(): void
}

/**
 * A lease that is kept alive, and an entry that is bound to it: whoever sees that the entry is gone knows that nobody
 * keeps it any more. A holder whose lease ran out, since he was not heard for so long, takes another one.
 */
export class Presence {
  readonly #options: PresenceOptions
  #lease: StoreLease
  #isPut = false
  /** Answers to earlier attempts say nothing. */
  #attempts = 0
  #disarm: () => void = () => {}
  #isClosed = false

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#lease = this.#grant()
    this.#put(0)
    this.#arm()
  }

  get lease(): StoreLease {
    return this.#lease
  }

  /** All that is bound to the lease goes. */
  close(): void {
    this.#isClosed = true
    this.#disarm()
    this.#lease.revoke()
  }

  #grant(): StoreLease {
    const { store, ttlMs } = this.#options
    return store.grant({ ttlMs, onOver: () => this.#renew() })
  }

  #renew(): void {
    if (this.#isClosed) return
    this.#lease = this.#grant()
    this.#put(0)
    this.#options.onRenewed()
  }

  #put(version: number): void {
    const { store, name } = this.#options
    this.#isPut = false
    this.#attempts += 1
    const attempt = this.#attempts
    store.swap({ name, version, nonce: `${attempt}`, value: true, lease: this.#lease }, (answer) => {
      if (attempt !== this.#attempts || this.#isClosed) return
      if (answer.type === 'agreed') this.#isPut = true
      // Nobody else writes here: it is an earlier one of its own.
      else if (answer.type === 'refused') this.#put(answer.found.version)
    })
  }

  #arm(): void {
    const { clock, ttlMs } = this.#options
    this.#disarm = clock.after(ttlMs / 4, () => {
      this.#lease.keepAlive()
      if (!this.#isPut) this.#put(0)
      this.#arm()
    })
  }
}
