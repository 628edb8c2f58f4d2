import { count, objectOf, problemWith, unreachable } from '../../base/index.ts'
import type { CandidateId } from '../../protocol/index.ts'
import { nothing, type Store, type StoreAnswer, type StoreClock, type StoreEntry, type StoreLease } from '../store.ts'

/** What was asked of a store and not answered is asked again after a while. */
export const retryMs = 100

interface ChallengeOptions {
  readonly store: Store
  readonly clock: StoreClock
  readonly name: string
  readonly id: CandidateId
  readonly answerMs: number
  /** Whether the store knows that this candidate is there no more. */
  isGone(conductor: CandidateId): boolean
  lease(): StoreLease
  /** Somebody asks whether this candidate is there. */
  onChallenged(): void
  /** What this candidate has asked stood unanswered until it was withdrawn. */
  onUnanswered(): void
  onDamaged(reason: string): void
}

/** Under the challenge's name. */
interface ChallengeValue {
  readonly challenger: CandidateId
  readonly conductor: CandidateId
}
const challengeValue = objectOf<ChallengeValue>({ challenger: count, conductor: count })

/** What this candidate wants to ask. */
interface Asking {
  readonly conductor: CandidateId
  /** Of the record: whoever is in a later one is somebody else. */
  readonly revision: number
  nonce: string
  /** waiting: somebody else asks, or there is no lease. */
  stage: 'waiting' | 'making' | 'made' | 'withdrawing'
  /** Of the entry, once it is made. */
  version: number
  isSeen: boolean
  disarm: () => void
}

/**
 * The question whether the conductor is there. It stands in the store until the conductor removes it, which is his answer,
 * or until whoever asked removes it himself. Both name its version, so only one of them is agreed: who asked knows for sure
 * that it was not answered, even if he was frozen meanwhile.
 */
export class Challenge {
  readonly #options: ChallengeOptions
  #found: StoreEntry = nothing
  /** What that says. */
  #value: ChallengeValue | null = null
  #newest = 0
  #asking: Asking | null = null
  #made = 0

  constructor(options: ChallengeOptions) {
    this.#options = options
  }

  /** Asks this conductor, as soon as nobody else does. */
  ask(conductor: CandidateId, revision: number): void {
    this.#asking ??= {
      ...{ conductor, revision, nonce: '', stage: 'waiting', version: 0, isSeen: false },
      disarm: () => {},
    }
    this.tryAgain()
  }

  /** The lease may be another one by now. */
  tryAgain(): void {
    if (this.#asking?.stage === 'waiting' && this.#found.version === 0) this.#begin(this.#asking)
  }

  /** Who conducts now was not asked. */
  noteRevision(revision: number): void {
    const asking = this.#asking
    if (!asking || asking.revision === revision) return
    this.#asking = null
    asking.disarm()
    this.#clearOwn()
  }

  /** The store knows that the conductor is gone. */
  noteGone(conductor: CandidateId): void {
    const asking = this.#asking
    if (asking?.stage === 'made' && asking.conductor === conductor) this.#withdraw(asking)
  }

  /** This candidate conducts. */
  answer(): void {
    const { version } = this.#found
    if (!this.#isForMe()) return
    this.#remove(version, ({ type }) => {
      if (type === 'unknown') this.#whileItStands(version, () => this.repeat())
    })
  }

  /** Says again what is asked. */
  repeat(): void {
    if (this.#isForMe()) this.#options.onChallenged()
  }

  close(): void {
    this.#asking?.disarm()
    this.#asking = null
    this.#found = nothing
    this.#value = null
  }

  /** What is under the challenge's name. */
  noteFound(entry: StoreEntry): void {
    this.#found = entry
    this.#newest = Math.max(this.#newest, entry.version)
    this.#value = this.#valueOf(entry)
    const asking = this.#asking
    if (asking?.stage === 'made') this.#noteMeanwhile(asking, entry.version)
    this.#clearOwn()
    this.repeat()
    this.tryAgain()
  }

  #isForMe(): boolean {
    const { id } = this.#options
    return this.#value?.conductor === id && this.#value.challenger !== id
  }

  #valueOf({ version, value }: StoreEntry): ChallengeValue | null {
    const problem = version === 0 ? null : problemWith('a challenge', value, challengeValue)
    if (problem !== null) this.#options.onDamaged(problem)
    return problem === null ? (value as ChallengeValue | null) : null
  }

  #noteMeanwhile(asking: Asking, version: number): void {
    if (version === asking.version) asking.isSeen = true
    else if (asking.isSeen || version > asking.version) this.#end(asking)
  }

  #end(asking: Asking): void {
    asking.disarm()
    this.#asking = null
  }

  #begin(asking: Asking): void {
    this.#made += 1
    asking.nonce = `${this.#options.id}.${this.#made}`
    asking.isSeen = false
    this.#make(asking)
  }

  #make(asking: Asking): void {
    const { store, name, id, lease } = this.#options
    const { conductor, nonce } = asking
    asking.stage = 'making'
    const value: ChallengeValue = { challenger: id, conductor }
    store.swap({ name, version: 0, nonce, value, lease: lease() }, (answer) => this.#noteMade(asking, answer))
  }

  #noteMade(asking: Asking, answer: StoreAnswer): void {
    if (this.#asking !== asking) return
    switch (answer.type) {
      case 'agreed':
        this.#stand(asking, answer.version)
        return
      case 'refused': {
        const { version, nonce } = answer.found
        if (nonce === asking.nonce) this.#stand(asking, version)
        else {
          asking.stage = 'waiting'
          // It may be known already that what was found is gone.
          if (version <= this.#newest) this.tryAgain()
        }
        return
      }
      case 'leaseOver':
        asking.stage = 'waiting'
        return
      case 'unknown':
        this.#later(asking, () => this.#make(asking))
        return
      default:
        unreachable(answer)
    }
  }

  #stand(asking: Asking, version: number): void {
    const { answerMs, isGone } = this.#options
    Object.assign(asking, { stage: 'made', version, isSeen: this.#found.version === version })
    asking.disarm = this.#options.clock.after(answerMs, () => this.#withdraw(asking))
    if (isGone(asking.conductor)) this.#withdraw(asking)
  }

  /** `isUnsure`: that was tried, and no answer came. */
  #withdraw(asking: Asking, isUnsure = false): void {
    asking.disarm()
    asking.stage = 'withdrawing'
    this.#remove(asking.version, ({ type }) => {
      if (this.#asking !== asking) return
      if (type === 'unknown') this.#later(asking, () => this.#withdraw(asking, true))
      // Nobody knows who has removed it: the conductor may have answered, or not.
      else if (type === 'refused' && isUnsure) this.#begin(asking)
      else {
        this.#end(asking)
        if (type === 'agreed') this.#options.onUnanswered()
      }
    })
  }

  /** Removes what this candidate has asked and waits for no more. */
  #clearOwn(): void {
    const { version, nonce } = this.#found
    if (this.#value?.challenger !== this.#options.id || this.#asking?.nonce === nonce) return
    this.#remove(version, ({ type }) => {
      if (type === 'unknown') this.#whileItStands(version, () => this.#clearOwn())
    })
  }

  #whileItStands(version: number, then: () => void): void {
    this.#options.clock.after(retryMs, () => {
      if (this.#found.version === version) then()
    })
  }

  #later(asking: Asking, then: () => void): void {
    asking.disarm = this.#options.clock.after(retryMs, then)
  }

  #remove(version: number, answer: (answer: StoreAnswer) => void): void {
    const { store, name } = this.#options
    store.remove({ name, version }, answer)
  }
}
