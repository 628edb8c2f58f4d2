import { unreachable } from '../../base/index.ts'
import type { CandidateEvent } from '../../protocol/index.ts'
import type { Links } from '../world/links.ts'
import type { SimulatedCandidate } from './candidate.ts'
import type { RecordStore } from './record-store.ts'

export const clockTypes = ['unheard', 'unanswered', 'standbySilent', 'standbyHeard'] as const

export type ClockType = (typeof clockTypes)[number]

/** What a clock brings about: a standby's, or the conductor's for a standby. */
export interface CandidateClock {
  readonly type: ClockType
  readonly candidate: SimulatedCandidate
}

/** So often clocks pass while nothing else happens; nothing would come of more. */
const inARowMax = 60

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
  #inARow = 0

  constructor(candidates: Clocked, links: Links) {
    this.#candidates = candidates
    this.#links = links
  }

  /** What may pass now. */
  possible(): readonly CandidateClock[] {
    if (this.#inARow >= inARowMax) return []
    const { official, store, all } = this.#candidates
    const clocks: CandidateClock[] = []
    for (const candidate of all) {
      if (!candidate.alive || candidate === official) continue
      if (this.#mayAsk(candidate)) clocks.push({ type: 'unheard', candidate })
      if (!candidate.frozen && store.challenger === candidate.id && !this.#links.isCut('store', candidate.end)) {
        clocks.push({ type: 'unanswered', candidate })
      }
      const isHeard = !candidate.frozen && this.#hears(official, candidate)
      if (official.alive && !official.frozen && isHeard === candidate.isSilent) {
        clocks.push({ type: isHeard ? 'standbyHeard' : 'standbySilent', candidate })
      }
    }
    return clocks
  }

  find({ type, candidate }: { readonly type: ClockType; readonly candidate: number }): CandidateClock | null {
    return this.possible().find((one) => one.type === type && one.candidate.id === candidate) ?? null
  }

  /** It does not hear the conductor, and nobody has asked for it yet. */
  #mayAsk(candidate: SimulatedCandidate): boolean {
    const { official, store } = this.#candidates
    if (candidate.frozen || candidate.state.tenure || store.challenger !== null || !store.found.record) return false
    const { packets, cut } = this.#links.between(candidate.end, 'store')
    const isAsking = packets.some((packet) => packet.type === 'asked' && packet.effect.type === 'challenge')
    return !cut && !isAsking && !this.#hears(candidate, official)
  }

  #hears({ end }: SimulatedCandidate, other: SimulatedCandidate): boolean {
    return other.alive && !other.frozen && !this.#links.isCut(other.end, end)
  }

  /** Anything else has happened. */
  wind(): void {
    this.#inARow = 0
  }

  pass({ type, candidate }: CandidateClock): void {
    const { official, store } = this.#candidates
    this.#inARow += 1
    switch (type) {
      case 'unheard':
        this.#candidates.handle(candidate, { type: 'conductorUnheard' })
        return
      case 'unanswered':
        store.challenger = null
        store.mayClaim.add(candidate.id)
        this.#candidates.handle(candidate, { type: 'unanswered', found: store.found })
        return
      case 'standbySilent':
        candidate.isSilent = true
        this.#candidates.handle(official, { type: 'candidateLost', candidate: candidate.id })
        return
      case 'standbyHeard':
        candidate.isSilent = false
        this.#candidates.announce(candidate)
        return
      default:
        unreachable(type)
    }
  }
}
