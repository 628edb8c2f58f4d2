import type { CandidateId, CandidateState, ConductorEvent } from '../../protocol/index.ts'
import type { CandidateEnd } from '../world/links.ts'
import type { Orders } from '../world/orders.ts'

/** One that conducts or stands by, of those in one world. */
export interface SimulatedCandidate {
  readonly id: CandidateId
  readonly end: CandidateEnd
  readonly state: CandidateState
  readonly orders: Orders
  alive: boolean
  frozen: boolean
  /** The conductor was told that it is not heard. */
  isSilent: boolean
  /** Ends when so many more effects have been carried out; null: does not. */
  effectsLeft: number | null
  /** What the crew had to tell while it heard nothing. */
  readonly backlog: ConductorEvent[]
}
