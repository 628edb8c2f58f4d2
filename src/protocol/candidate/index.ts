/**
 * Conductors that may be lost: who conducts, what he has to have on record before he tells anybody, and how another one
 * takes over. One that conducts alone is a candidate without any others.
 */
export { stepCandidate } from './candidate.ts'
export type { CandidateId, ConductorRecord, Outcome, StoredRecord } from './conductor-record.ts'
export type { Released, ReleaseLog } from './release-log.ts'
export {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateMessage,
  type CandidateOptions,
  type CandidateState,
  createCandidate,
  isForConductor,
  type ReleaseEffect,
  type StorageOrder,
  type StoreRequest,
} from './state.ts'
export { conductorRecordProblem, memberCheck } from './validate-conductor-record.ts'
