import type { CandidateEvent, CandidateId, StoredRecord, StoreRequest } from '../../protocol/index.ts'
import type { CandidateEnd, Links } from '../world/links.ts'

interface Asking {
  readonly id: CandidateId
  readonly end: CandidateEnd
  /** A challenge is leased: it ends with whoever made it. */
  readonly alive: boolean
}

/** The store of the record: compare-and-swap, one challenge, and everybody hears of changes. It is never lost. */
export class RecordStore {
  found: StoredRecord = { version: 0, nonce: '', record: null }
  /** Who asks the conductor whether it is there. */
  challenger: CandidateId | null = null
  /** Who has asked in vain, and so may claim. */
  readonly mayClaim = new Set<CandidateId>()
  readonly #links: Links
  readonly #broken: (detail: string) => void

  /** `broken`: told of what no candidate may ask. */
  constructor(links: Links, broken: (detail: string) => void) {
    this.#links = links
    this.#broken = broken
  }

  ask(candidate: Asking, request: StoreRequest, all: readonly Asking[]): void {
    const { record } = this.found
    switch (request.type) {
      case 'challenge':
        if (this.challenger !== null || !record || !candidate.alive) return
        this.challenger = candidate.id
        this.#put(all[record.conductor - 1]!.end, { type: 'challenged' })
        return
      case 'answerChallenge':
        if (record?.conductor === candidate.id) this.challenger = null
        return
      default:
        this.#swap(candidate, request, all)
    }
  }

  #swap({ id, end }: Asking, request: Extract<StoreRequest, { type: 'propose' }>, all: readonly Asking[]): void {
    const { nonce, version, record } = request
    const { found } = this
    if (version !== found.version) {
      this.#put(end, { type: 'refused', nonce, found })
      return
    }
    this.#check(id, record)
    this.found = { version: version + 1, nonce, record }
    this.#put(end, { type: 'agreed', nonce, version: version + 1 })
    for (const other of all) if (other.id !== id) this.tell(other.end)
  }

  /** C5, and the outcome stays what it is (C6). */
  #check(id: CandidateId, { revision, outcome }: NonNullable<StoredRecord['record']>): void {
    const before = this.found.record
    if (!before) return
    if (before.outcome !== null && outcome?.type !== before.outcome.type) this.#broken('the outcome changes')
    if (revision === before.revision) return
    const isAllowed = before.replicas.includes(id) && this.mayClaim.delete(id) && revision === before.revision + 1
    if (!isAllowed) this.#broken(`candidate ${id} takes over without being a replica, or without having asked`)
  }

  /** Tells what the record is. */
  tell(end: CandidateEnd): void {
    this.#put(end, { type: 'recordChanged', found: this.found })
  }

  #put(end: CandidateEnd, event: CandidateEvent): void {
    this.#links.put('store', end, { type: 'news', event })
  }
}
