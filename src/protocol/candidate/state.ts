import type { Epoch, ProcessorId } from '../../base/index.ts'
import type {
  ConductorEffect,
  ConductorEvent,
  ConductorOptions,
  ConductorState,
  Misfortune,
} from '../conductor/index.ts'
import type { CandidateId, ConductorRecord, Outcome, StoredRecord } from './conductor-record.ts'
import { emptyReleaseLog, type Released, type ReleaseLog } from './release-log.ts'

export interface CandidateOptions extends ConductorOptions {
  readonly id: CandidateId
  /** O3: as soon as so much was released and not fetched, further output waits where it was made. */
  readonly unfetchedBytesMax: number
}

/** What a conductor has decided and may not tell yet. */
export interface Held {
  readonly effect: HeldEffect
  /** C2: so many of its changes of the record have to be agreed. */
  changes: number
  /** O1: so many entries of the release log have to be everywhere. */
  readonly entries: number
}

/** A change of the record whose answer has not come. */
export interface Proposal {
  readonly nonce: string
  readonly record: ConductorRecord
  /** The changes that are in it. */
  readonly changes: number
}

/** The time in which one conducts, from his claim on. */
export interface Tenure {
  readonly revision: number
  /** The conductor's own state machine. */
  readonly core: ConductorState
  /** False: the claim is not agreed, so that nothing of this tenure counts yet. */
  isAgreed: boolean
  /** Of the record, as it is known here. */
  version: number
  /** Changes so far that have to be in the record, and how many of them are. */
  changes: number
  agreed: number
  proposal: Proposal | null
  held: Held[]
  /** As agreed. What is proposed counts as well until it is agreed. */
  replicas: readonly CandidateId[]
  wanted: readonly CandidateId[]
  /** Up to which number others have told that they have the release log. */
  readonly logged: Map<CandidateId, number>
  outcome: Outcome | null
  /** The epoch in which the disk was asked what it holds; null: it was not. */
  asked: Epoch | null
  /** Output that waits until something was fetched, and what was written to disk behind it. */
  waiting: ConductorEvent[]
}

export interface CandidateState {
  readonly options: CandidateOptions
  /** The record as it was last heard of. */
  found: StoredRecord
  /** The highest that was heard of: lower ones are refused (C3). */
  revision: number
  /** Null: stands by. */
  tenure: Tenure | null
  proposals: number
  log: ReleaseLog
  /** Of whom the log was copied; entries are added to it by no other. */
  logRevision: number
  /** Heard of others of this revision while the answer to a claim was not there: obeyed if it is refused. */
  deferred: { readonly from: CandidateId; readonly message: CandidateMessage }[]
  /** Other candidates that live. */
  readonly others: Set<CandidateId>
  /** Processors that have ended, and those that are not heard of; null: somebody asked for it. */
  readonly gone: Map<ProcessorId, Misfortune | null>
  readonly silent: Map<ProcessorId, Misfortune | null>
}

/** Between candidates. */
export type CandidateMessage =
  /** All of the release log. */
  | { readonly type: 'copy'; readonly revision: number; readonly log: ReleaseLog }
  | { readonly type: 'append'; readonly revision: number; readonly number: number; readonly entry: Released }
  | { readonly type: 'fetched'; readonly revision: number; readonly upTo: number }
  /** Answers: the sender has the log up to there; or knows of a higher revision. */
  | { readonly type: 'logged'; readonly revision: number; readonly upTo: number }
  | { readonly type: 'surpassed'; readonly revision: number }

export type CandidateEvent =
  | ConductorEvent
  /** The first conductor of a run begins; nothing stands in the record yet. `replicas`: the others that are there. */
  | { readonly type: 'appointed'; readonly replicas: readonly CandidateId[] }
  /** Answers to `propose`. */
  | { readonly type: 'agreed'; readonly nonce: string; readonly version: number }
  | { readonly type: 'refused'; readonly nonce: string; readonly found: StoredRecord }
  /** No answer came: it may have been agreed, or be so later. */
  | { readonly type: 'unknown'; readonly nonce: string }
  /** Somebody has changed the record. */
  | { readonly type: 'recordChanged'; readonly found: StoredRecord }
  /** The conductor is not heard any more. */
  | { readonly type: 'conductorUnheard' }
  /** Somebody asks the conductor, by the store, whether it is there. */
  | { readonly type: 'challenged' }
  /** What this candidate asked was not answered in time. */
  | { readonly type: 'unanswered'; readonly found: StoredRecord }
  | { readonly type: 'candidateFound'; readonly candidate: CandidateId }
  | { readonly type: 'candidateLost'; readonly candidate: CandidateId }
  | { readonly type: 'fromCandidate'; readonly from: CandidateId; readonly message: CandidateMessage }
  /** A processor has refused an order, since it obeys somebody in a later epoch. */
  | { readonly type: 'orderRefused'; readonly epoch: number }
  /** The watcher has all up to this entry. */
  | { readonly type: 'fetched'; readonly upTo: number }

/** An entry of the release log leaves for the outside. It may come again after a take-over, under the same number. */
export type ReleaseEffect = { readonly type: 'release'; readonly number: number; readonly entry: Released }

type HeldEffect =
  | Exclude<ConductorEffect, { type: 'output' }>
  | ReleaseEffect
  /** Another one conducts: tell everybody, and tell who held which place in this epoch, even those that may not have heard of theirs. */
  | { readonly type: 'introduce'; readonly epoch: Epoch; readonly members: ConductorRecord['members'] }
  /** Have the disk obey nobody who conducted before this epoch, and say what it holds: `diskHolds` comes (C7). */
  | { readonly type: 'askDisk'; readonly epoch: Epoch }

export type CandidateEffect =
  | HeldEffect
  /** Make this the record, if it is at this version or was made by this very proposal. */
  | { readonly type: 'propose'; readonly nonce: string; readonly version: number; readonly record: ConductorRecord }
  /** Ask the conductor, by the store, whether it is there; `unanswered` comes if it does not say so in time. */
  | { readonly type: 'challenge' }
  | { readonly type: 'answerChallenge' }
  | { readonly type: 'tellCandidate'; readonly to: CandidateId; readonly message: CandidateMessage }
  /** Conducts from now on. */
  | { readonly type: 'tookOffice'; readonly revision: number }
  /** Conducts no more, and stands by. */
  | { readonly type: 'resigned'; readonly revision: number }

/** What is asked of the store, which answers with `agreed`, `refused` or `unknown`, and with `unanswered`. */
export type StoreRequest = Extract<CandidateEffect, { type: 'propose' | 'challenge' | 'answerChallenge' }>

/**
 * What is ordered of the disk, with the epoch of the record: it refuses those of an epoch below one that it has obeyed, and
 * answers to whom it obeyed last, with `diskHolds`, `sealed` and `notSealed` (C7).
 */
export type StorageOrder = Extract<
  CandidateEffect,
  { type: 'askDisk' | 'seal' | 'stored' | 'notStored' | 'passedOver' }
>

const noRecord: StoredRecord = { version: 0, nonce: '', record: null }

export function createCandidate(options: CandidateOptions): CandidateState {
  return {
    options,
    found: noRecord,
    revision: 0,
    tenure: null,
    proposals: 0,
    log: emptyReleaseLog(),
    logRevision: 0,
    deferred: [],
    others: new Set(),
    gone: new Map(),
    silent: new Map(),
  }
}

type NotForConductor = Exclude<CandidateEvent, ConductorEvent>['type']
const notForConductor: Readonly<Record<NotForConductor, true>> = {
  ...{ appointed: true, agreed: true, refused: true, unknown: true, recordChanged: true, conductorUnheard: true },
  ...{ challenged: true, unanswered: true, candidateFound: true, candidateLost: true, fromCandidate: true },
  ...{ orderRefused: true, fetched: true },
}

/** Whether an event of a candidate is one of the conductor's own; so is every event of others. */
export function isForConductor<Event extends { readonly type: string }>(
  event: Event,
): event is Exclude<Event, { readonly type: NotForConductor }> {
  return !(event.type in notForConductor)
}
