/**
 * What of a run its conductor could not ask the survivors if the one before it were lost (C1). It is kept where several
 * can read it, and changed by compare-and-swap alone: whoever changes it says which change it builds on.
 */
import type { Epoch, ProcessorId } from '../../base/index.ts'
import {
  type ConductorEffect,
  type ConductorOptions,
  type ConductorState,
  createConductor,
  type FailedStep,
  type RepeatedLoss,
  takenOver,
} from '../conductor/index.ts'
import type { Place } from '../places.ts'
import type { OutputCounts } from './release-log.ts'

/** One that may conduct a run; never used again once it is lost. */
export type CandidateId = number

/** How a run ended, as the conductor decided. */
export type Outcome = Extract<
  ConductorEffect,
  { type: 'finished' | 'uncovered' | 'programFailed' | 'repeatedLoss' | 'damaged' | 'notStored' }
>

export interface ConductorRecord {
  /** Raised by every take-over, and the epoch with it. */
  readonly revision: number
  readonly conductor: CandidateId
  /** Those without whose promise nothing is released; one of them takes over. */
  readonly replicas: readonly CandidateId[]
  readonly epoch: Epoch
  readonly members: readonly (readonly [place: Place, holder: ProcessorId | null])[]
  /** Of those that hold a place the host; left out on one computer. */
  readonly hosts?: readonly (readonly [holder: ProcessorId, host: string])[]
  /** Places whose memory was not whole. */
  readonly missing: readonly Place[]
  /** The machine has computed, or is about to: what is lost cannot be made of zeros any more. */
  readonly begun: boolean
  /** A recovery that takes programs back was under way. */
  readonly rollback: boolean
  readonly fromDisk: boolean
  /** The highest number that a checkpoint on disk has been given (C7); 0: nothing is written. */
  readonly sequence: number
  /** What ends the run, unless more turns out to be on disk. */
  readonly endsWith: ConductorState['endsWith']
  readonly failures: readonly FailedStep[]
  readonly repeated: readonly Readonly<RepeatedLoss>[]
  /** Null as long as it goes on. */
  readonly outcome: Outcome | null
}

/** The record as it is kept. */
export interface StoredRecord {
  /** Counts the changes; 0: there is no record yet. */
  readonly version: number
  /** Of the proposal that made it what it is: whoever never heard the answer knows his own by it. */
  readonly nonce: string
  readonly record: ConductorRecord | null
}

type Office = Pick<ConductorRecord, 'revision' | 'conductor' | 'replicas' | 'outcome'>

export function recordOf(state: ConductorState, office: Office): ConductorRecord {
  const { epoch, members, missing, begun, phase, rollback, fromDisk, endsWith, failures, repeated } = state
  return {
    ...office,
    epoch,
    members: [...members],
    ...hostsOf(state),
    missing: [...missing],
    begun,
    rollback: phase !== 'running' && rollback,
    fromDisk,
    sequence: state.storage?.lastSequence ?? 0,
    endsWith,
    failures: failures.map((one) => ({ ...one })),
    repeated: repeated.map((one) => ({ ...one })),
  }
}

/** Spares are told of anew to whoever takes over. */
function hostsOf({ members, hosts }: ConductorState): Pick<ConductorRecord, 'hosts'> {
  if (hosts.size === 0) return {}
  const holders = new Set(members.values())
  return { hosts: [...hosts].filter(([processor]) => holders.has(processor)) }
}

/** A conductor that knows what the record says, and of output what the release log says; `tookOver` comes next. */
export function conductorFrom(
  options: ConductorOptions,
  record: ConductorRecord,
  { next, finished }: OutputCounts,
): ConductorState {
  const fresh = createConductor(options)
  const members = new Map(record.members)
  const isHeld = (place: Place): boolean => (members.get(place) ?? null) !== null
  return {
    ...fresh,
    epoch: record.epoch,
    begun: record.begun,
    members,
    hosts: new Map(record.hosts),
    vacant: [...members.keys()].filter((place) => !isHeld(place)),
    missing: new Set(record.missing),
    unheard: new Set(record.missing.filter(isHeld)),
    rollback: record.rollback,
    storage: options.storage ? takenOver(options.storage, record.sequence) : null,
    fromDisk: record.fromDisk,
    endsWith: record.endsWith,
    failures: record.failures.map((one) => ({ ...one })),
    repeated: record.repeated.map((one) => ({ ...one })),
    nextOutput: new Map(next),
    finished: new Set(finished),
  }
}
