/**
 * What a conductor and the crew say to each other. A conductor within the launcher is told the same by calls, and one in a
 * process of its own by its control link.
 */
import type { Epoch, ProcessorId, Rank } from '../../base/index.ts'
import type {
  CandidateEvent,
  CandidateId,
  CandidateMessage,
  ConductorEffect,
  ConductorState,
  Frame,
  Place,
  Released,
  StorageOptions,
} from '../../protocol/index.ts'
import type { FromStore, ToStore } from '../../store/index.ts'
import type { Protection } from '../protection.ts'
import type { TraceLine } from './control.ts'

/** What one that may conduct has to know of the run. */
export interface CandidateConfiguration {
  readonly id: CandidateId
  readonly processes: number
  /** Null under the schemes `none` and `disk`. */
  readonly protection: Protection | null
  /** Null: nothing is written to disk. */
  readonly storage: StorageOptions | null
  /** Whether protocol events are wanted for the trace. */
  readonly isTraced: boolean
}

/** A message between candidates as links carry it. */
export type LinkedCandidateMessage =
  | Exclude<CandidateMessage, { type: 'copy' }>
  | {
      readonly type: 'copy'
      readonly revision: number
      readonly fetched: number
      readonly bytes: number
      readonly entries: readonly Released[]
      /** Of all entries before those. */
      readonly next: readonly (readonly [rank: Rank, index: number])[]
      readonly finished: readonly Rank[]
    }

type Elsewhere =
  | { type: 'agreed' | 'refused' | 'unknown' | 'recordChanged' | 'challenged' | 'unanswered' }
  | { type: 'tookOver' | 'fromCandidate' }

/** All that a candidate hears but for the store's answers. */
export type CrewEvent =
  | Exclude<CandidateEvent, Elsewhere>
  | { readonly type: 'fromCandidate'; readonly from: CandidateId; readonly message: LinkedCandidateMessage }

export type ToConductor =
  /** Answer to the hello. */
  | { readonly type: 'configure'; readonly configuration: CandidateConfiguration }
  | { readonly type: 'event'; readonly event: CrewEvent }
  | { readonly type: 'store'; readonly message: FromStore }

/** The machine as its conductor sees it, for those who show it, name it, and start processors for it. */
export interface MachineView {
  readonly phase: ConductorState['phase']
  /** The machine has computed. */
  readonly begun: boolean
  readonly members: readonly (readonly [place: Place, holder: ProcessorId | null])[]
  readonly spares: readonly ProcessorId[]
  /** Members and spares that are waited for, since no code would cover their loss. */
  readonly silent: readonly ProcessorId[]
  /** Places whose memory is not whole. */
  readonly missing: readonly Place[]
  /** The recovery under way takes everybody back to the disk. */
  readonly fromDisk: boolean
}

type EffectOf<Type extends ConductorEffect['type']> = Extract<ConductorEffect, { type: Type }>

/** What counts only if nobody has begun a later epoch. */
export type ConductorOrder =
  | { readonly type: 'frame'; readonly to: Place; readonly frame: Frame }
  | { readonly type: 'assign'; readonly place: Place; readonly processor: ProcessorId }
  | { readonly type: 'fence'; readonly processor: ProcessorId }
  /** Another one conducts; these held the places in the epoch before, or were to. */
  | { readonly type: 'introduce'; readonly members: MachineView['members']; readonly before: Epoch }
  /** `rollback`: the recovery takes programs back. */
  | {
      readonly type: 'recovery'
      readonly effect: EffectOf<'recoveryBegan' | 'lineFound' | 'resumed'>
      readonly rollback: boolean
    }
  | { readonly type: 'storage'; readonly effect: EffectOf<'seal' | 'stored' | 'notStored' | 'passedOver'> }
  /** What is on disk? The answer is `diskHolds`. */
  | { readonly type: 'askDisk' }
  /** The `number`-th entry of the release log; one that came already may come again. */
  | { readonly type: 'release'; readonly number: number; readonly entry: Released }
  | { readonly type: 'view'; readonly view: MachineView }
  /** The run is over. */
  | {
      readonly type: 'end'
      readonly effect: EffectOf<'finished' | 'uncovered' | 'programFailed' | 'repeatedLoss' | 'damaged'>
    }

export type FromConductor =
  /** `epoch`: of the order, as it stands in the record. */
  | { readonly type: 'order'; readonly epoch: Epoch; readonly order: ConductorOrder }
  | { readonly type: 'tookOffice'; readonly revision: number }
  | { readonly type: 'resigned'; readonly revision: number }
  | { readonly type: 'tellCandidate'; readonly to: CandidateId; readonly message: LinkedCandidateMessage }
  | { readonly type: 'store'; readonly message: ToStore }
  | { readonly type: 'trace'; readonly lines: readonly TraceLine[] }
  /** A mistake in Paritas itself. */
  | { readonly type: 'defect'; readonly reason: string }

/** What a conductor's process says it is when it connects; twice, as processors do. */
export interface ConductorHello {
  readonly conductor: CandidateId
  readonly link: 'control' | 'heartbeat'
  /** Which of its threads beats; null where the system does not tell. */
  readonly thread?: number | null
}

export function linkedMessage(message: CandidateMessage): LinkedCandidateMessage {
  if (message.type !== 'copy') return message
  const { revision, log } = message
  const { fetched, bytes, entries, before } = log
  return { type: 'copy', revision, fetched, bytes, entries, next: [...before.next], finished: [...before.finished] }
}

export function candidateMessage(message: LinkedCandidateMessage): CandidateMessage {
  if (message.type !== 'copy') return message
  const { revision, fetched, bytes, entries, next, finished } = message
  const before = { next: new Map(next), finished: new Set(finished) }
  return { type: 'copy', revision, log: { fetched, bytes, entries: [...entries], before } }
}
