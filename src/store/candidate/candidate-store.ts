import { assert, unreachable } from '../../base/index.ts'
import {
  type CandidateEvent,
  type CandidateId,
  type ConductorRecord,
  conductorRecordProblem,
  type StoredRecord,
  type StoreRequest,
} from '../../protocol/index.ts'
import type { Store, StoreAnswer, StoreClock, StoreEntry, StoreWatch } from '../store.ts'
import { Challenge, retryMs } from './challenge.ts'
import { Presence } from './presence.ts'

/** What a candidate hears of the store. */
export type StoreNews = Extract<
  CandidateEvent,
  { type: 'agreed' | 'refused' | 'unknown' | 'recordChanged' | 'conductorUnheard' | 'challenged' | 'unanswered' }
>

export interface CandidateStoreOptions {
  readonly store: Store
  readonly clock: StoreClock
  /** What is kept for a run has names of its own. */
  readonly run: string
  readonly id: CandidateId
  /** A conductor that was asked whether it is there, and has not said so after this long, is taken for lost. */
  readonly answerMs: number
  /** A candidate that the store has not heard of for so long, or a while longer, is gone; it says again that it is there. */
  readonly ttlMs: number
  /**
   * May be called while `carryOut` runs, and while another event is handled: the store in this process answers at once.
   * Who is not done with one event keeps the next one until then.
   */
  onEvent(event: StoreNews): void
  /** What stands in the store is not what it should be; one line. */
  onDamaged(reason: string): void
}

/**
 * What a candidate asks of a store, and hears of it. There are three kinds of names for each run: the record, the challenge,
 * and one for each candidate, which is there as long as the candidate is.
 *
 * A conductor that is asked and is no more there, as the store knows, is not waited for. That a conductor is gone is told as
 * `conductorUnheard`, once; as long as it is not heard, the owner is to say so again now and then, since a challenge that
 * ends without `unanswered` was answered, or has ended with a lease that ran out.
 */
export class CandidateStore {
  readonly #options: CandidateStoreOptions
  readonly #presence: Presence
  readonly #challenge: Challenge
  readonly #watches: StoreWatch[] = []
  #conductorWatch: StoreWatch | null = null
  #found: StoredRecord = { version: 0, nonce: '', record: null }
  /** The conductor that is watched, and whether the store knows that it is gone. */
  #conductor: CandidateId | null = null
  #isGone = false
  #isClosed = false

  constructor(options: CandidateStoreOptions) {
    const { store, clock, run, id, answerMs, ttlMs, onDamaged } = options
    this.#options = options
    this.#presence = new Presence({
      ...{ store, clock, ttlMs, name: candidateName(run, id) },
      onRenewed: () => this.#challenge.tryAgain(),
    })
    this.#challenge = new Challenge({
      ...{ store, clock, id, answerMs, onDamaged, name: challengeName(run) },
      lease: () => this.#presence.lease,
      isGone: (conductor) => this.#isGone && conductor === this.#conductor,
      onChallenged: () => this.#tell({ type: 'challenged' }),
      onUnanswered: () => this.#tell({ type: 'unanswered', found: this.#found }),
    })
  }

  /** Begins to tell: what the record says comes first. */
  open(): void {
    const { store, run } = this.#options
    this.#watches.push(
      store.watch(recordName(run), (entry) => this.#noteRecord(entry)),
      store.watch(challengeName(run), (entry) => this.#challenge.noteFound(entry)),
    )
  }

  carryOut(request: StoreRequest): void {
    switch (request.type) {
      case 'propose':
        this.#propose(request)
        return
      case 'challenge': {
        const { record } = this.#found
        if (record && record.conductor !== this.#options.id) this.#challenge.ask(record.conductor, record.revision)
        return
      }
      case 'answerChallenge':
        this.#challenge.answer()
        return
      default:
        unreachable(request)
    }
  }

  /** Nothing is told any more, and the store knows that this candidate is gone. */
  close(): void {
    this.#isClosed = true
    for (const watch of this.#watches) watch.close()
    this.#conductorWatch?.close()
    this.#challenge.close()
    this.#presence.close()
  }

  #tell(event: StoreNews): void {
    if (!this.#isClosed) this.#options.onEvent(event)
  }

  #propose({ nonce, version, record }: Extract<StoreRequest, { type: 'propose' }>): void {
    const { store, run } = this.#options
    store.swap({ name: recordName(run), version, nonce, value: record }, (answer) => this.#noteAnswer(nonce, answer))
  }

  #noteAnswer(nonce: string, answer: StoreAnswer): void {
    switch (answer.type) {
      case 'agreed':
        this.#tell({ type: 'agreed', nonce, version: answer.version })
        break
      case 'refused': {
        const found = this.#recordIn(answer.found)
        if (found) this.#tell({ type: 'refused', nonce, found })
        break
      }
      case 'unknown':
        this.#options.clock.after(retryMs, () => this.#tell({ type: 'unknown', nonce }))
        return
      case 'leaseOver':
        assert(false, 'the record is bound to no lease')
        return
      default:
        unreachable(answer)
    }
    // Who asked before it was known here who conducts was not answered.
    this.#challenge.repeat()
  }

  #noteRecord(entry: StoreEntry): void {
    const found = this.#recordIn(entry)
    if (!found?.record) return
    this.#found = found
    const { conductor, revision } = found.record
    this.#challenge.noteRevision(revision)
    this.#tell({ type: 'recordChanged', found })
    if (found === this.#found && conductor !== this.#conductor) this.#follow(conductor)
  }

  #recordIn({ version, nonce, value }: StoreEntry): StoredRecord | null {
    const problem = version === 0 ? null : conductorRecordProblem(value)
    if (problem === null) return { version, nonce, record: value as ConductorRecord | null }
    this.#options.onDamaged(problem)
    return null
  }

  /** Watches whether the conductor is there. */
  #follow(conductor: CandidateId): void {
    const { store, run, id } = this.#options
    this.#conductorWatch?.close()
    this.#conductorWatch = null
    this.#conductor = conductor
    this.#isGone = false
    if (conductor === id || this.#isClosed) return
    this.#conductorWatch = store.watch(candidateName(run, conductor), ({ version }) => {
      if (conductor !== this.#conductor) return
      this.#isGone = version === 0
      if (!this.#isGone) return
      this.#challenge.noteGone(conductor)
      this.#tell({ type: 'conductorUnheard' })
    })
  }
}

/** Under which the record of a run is kept. */
export function recordName(run: string): string {
  return `runs/${run}/record`
}

function challengeName(run: string): string {
  return `runs/${run}/challenge`
}

function candidateName(run: string, id: CandidateId): string {
  return `runs/${run}/candidates/${id}`
}
