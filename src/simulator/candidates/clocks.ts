import type { CandidateEvent } from '../../protocol/index.ts'
import type { Links } from '../world/links.ts'
import type { SimulatedCandidate } from './candidate.ts'
import type { RecordStore } from './record-store.ts'

/** What a candidate's clock brings about. */
export interface CandidateTimer {
  readonly type: 'unheard' | 'unanswered' | 'silent' | 'heard'
  readonly candidate: SimulatedCandidate
}

/** The candidates whose clocks these are. */
interface Clocked {
  readonly all: readonly SimulatedCandidate[]
  readonly official: SimulatedCandidate
  readonly store: RecordStore
  handle(candidate: SimulatedCandidate, event: CandidateEvent): void
  announce(candidate: SimulatedCandidate): void
}

/** Who is not heard, by whom, and who was asked in vain: nothing while everybody is heard. */
export class Clocks {
  readonly #candidates: Clocked
  readonly #links: Links

  constructor(candidates: Clocked, links: Links) {
    this.#candidates = candidates
    this.#links = links
  }

  /** What may pass now. */
  timers(): CandidateTimer[] {
    const { official, store, all } = this.#candidates
    const timers: CandidateTimer[] = []
    for (const candidate of all) {
      if (!candidate.alive || candidate === official) continue
      const isHeard = !candidate.frozen && this.#hears(official, candidate)
      if (!candidate.frozen && store.challenger === null && store.found.record && !this.#hears(candidate, official)) {
        timers.push({ type: 'unheard', candidate })
      }
      if (!candidate.frozen && store.challenger === candidate.id) timers.push({ type: 'unanswered', candidate })
      if (official.alive && !official.frozen && isHeard === candidate.isSilent) {
        timers.push({ type: isHeard ? 'heard' : 'silent', candidate })
      }
    }
    return timers
  }

  #hears({ end }: SimulatedCandidate, other: SimulatedCandidate): boolean {
    return other.alive && !other.frozen && !this.#links.isCut(other.end, end)
  }

  pass({ type, candidate }: CandidateTimer): void {
    const { official, store } = this.#candidates
    switch (type) {
      case 'unheard':
        this.#candidates.handle(candidate, { type: 'conductorUnheard' })
        return
      case 'unanswered':
        if (this.#links.isCut('store', candidate.end)) return
        store.challenger = null
        store.mayClaim.add(candidate.id)
        this.#candidates.handle(candidate, { type: 'unanswered', found: store.found })
        return
      case 'silent':
        candidate.isSilent = true
        this.#candidates.handle(official, { type: 'candidateLost', candidate: candidate.id })
        return
      default:
        candidate.isSilent = false
        this.#candidates.announce(candidate)
    }
  }
}
