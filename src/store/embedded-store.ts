import { assert } from '../base/index.ts'
import {
  type LeaseTerms,
  nothing,
  type Store,
  type StoreAnswer,
  type StoreClock,
  type StoreEntry,
  type StoreLease,
  type StoreRemoval,
  type StoreSwap,
  type StoreWatch,
} from './store.ts'

/** A name that has an entry, or is watched. */
interface Slot {
  readonly name: string
  entry: StoreEntry
  lease: StoreLease | null
  /** The number of the last change; that of a removal too. */
  changed: number
  readonly watchers: Set<Watcher>
}

interface Watcher {
  /** The number of the change that was told last. */
  told: number
  readonly onChange: (entry: StoreEntry) => void
}

interface Leased {
  readonly terms: LeaseTerms
  readonly slots: Set<Slot>
  endsMs: number
  /** Its time has passed; only what has arrived by now may save it. */
  isOverdue: boolean
  disarm: () => void
}

/**
 * A store in the memory of one process; lost with it.
 *
 * A lease is over only if it was not kept alive for a quarter of its time more: while the whole process was held up,
 * nobody was heard, and what they sent meanwhile is to be read first.
 */
export class EmbeddedStore implements Store {
  readonly #clock: StoreClock
  readonly #slots = new Map<string, Slot>()
  readonly #leases = new Map<StoreLease, Leased>()
  #changes = 0
  /** Names whose watchers are to be told. */
  readonly #untold = new Set<Slot>()
  #isTelling = false

  constructor(clock: StoreClock) {
    this.#clock = clock
  }

  swap({ name, version, nonce, value, lease }: StoreSwap, answer: (answer: StoreAnswer) => void): void {
    const slot = this.#slotOf(name)
    if (slot.entry.version !== version) this.#refuse(slot, answer)
    else if (lease && !this.#leases.has(lease)) {
      this.#forget(slot)
      answer({ type: 'leaseOver' })
    } else {
      this.#put(slot, { version: this.#changes + 1, nonce, value }, lease ?? null)
      answer({ type: 'agreed', version: slot.changed })
      this.#tell()
    }
  }

  remove({ name, version }: StoreRemoval, answer: (answer: StoreAnswer) => void): void {
    assert(version > 0, 'there is something to be removed')
    const slot = this.#slotOf(name)
    if (slot.entry.version !== version) this.#refuse(slot, answer)
    else {
      this.#put(slot, nothing, null)
      answer({ type: 'agreed', version: 0 })
      this.#tell()
    }
  }

  watch(name: string, onChange: (entry: StoreEntry) => void): StoreWatch {
    const slot = this.#slotOf(name)
    const watcher: Watcher = { told: slot.changed, onChange }
    slot.watchers.add(watcher)
    onChange(slot.entry)
    return {
      close: () => {
        slot.watchers.delete(watcher)
        this.#forget(slot)
      },
    }
  }

  grant(terms: LeaseTerms): StoreLease {
    const { ttlMs } = terms
    const lease: StoreLease = {
      keepAlive: () => {
        const leased = this.#leases.get(lease)
        if (leased) Object.assign(leased, { endsMs: this.#clock.nowMs() + ttlMs, isOverdue: false })
      },
      revoke: () => this.#end(lease),
    }
    const leased: Leased = {
      ...{ terms, slots: new Set<Slot>(), endsMs: this.#clock.nowMs() + ttlMs, isOverdue: false },
      disarm: () => {},
    }
    this.#leases.set(lease, leased)
    this.#arm(lease, leased, ttlMs)
    return lease
  }

  #slotOf(name: string): Slot {
    const known = this.#slots.get(name)
    if (known) return known
    const slot: Slot = { name, entry: nothing, lease: null, changed: 0, watchers: new Set() }
    this.#slots.set(name, slot)
    return slot
  }

  /** Nobody needs what is empty and not watched. */
  #forget(slot: Slot): void {
    const isNeeded = slot.entry.version > 0 || slot.watchers.size > 0
    if (!isNeeded && this.#slots.get(slot.name) === slot) this.#slots.delete(slot.name)
  }

  #refuse(slot: Slot, answer: (answer: StoreAnswer) => void): void {
    this.#forget(slot)
    answer({ type: 'refused', found: slot.entry })
  }

  /** Changes what is under a name; `#tell` comes next. */
  #put(slot: Slot, entry: StoreEntry, lease: StoreLease | null): void {
    this.#changes += 1
    if (slot.lease) this.#leases.get(slot.lease)?.slots.delete(slot)
    if (lease) this.#leases.get(lease)?.slots.add(slot)
    Object.assign(slot, { entry, lease, changed: this.#changes })
    this.#untold.add(slot)
    this.#forget(slot)
  }

  /** What a watcher changes in turn is told when it has returned, so that none goes back, nor is called within itself. */
  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    try {
      for (const slot of this.#untold) {
        this.#untold.delete(slot)
        for (const watcher of slot.watchers) {
          if (watcher.told === slot.changed) continue
          watcher.told = slot.changed
          watcher.onChange(slot.entry)
        }
      }
    } finally {
      this.#isTelling = false
    }
  }

  #arm(lease: StoreLease, leased: Leased, delayMs: number): void {
    leased.disarm = this.#clock.after(delayMs, () => this.#look(lease, leased))
  }

  #look(lease: StoreLease, leased: Leased): void {
    const leftMs = leased.endsMs - this.#clock.nowMs()
    if (leftMs > 0) this.#arm(lease, leased, leftMs)
    else if (!leased.isOverdue) {
      leased.isOverdue = true
      this.#arm(lease, leased, leased.terms.ttlMs / 4)
    } else {
      this.#end(lease)
      leased.terms.onOver?.()
    }
  }

  #end(lease: StoreLease): void {
    const leased = this.#leases.get(lease)
    if (!leased) return
    this.#leases.delete(lease)
    leased.disarm()
    for (const slot of leased.slots) this.#put(slot, nothing, null)
    this.#tell()
  }
}
