/** One processor as a value: it is never changed, an event makes another one of it. */
import type { Epoch, ProcessorId, Rank } from '../../base/index.ts'
import type { Ending, MemoryWork, Shipment } from '../../carrier/index.ts'
import type {
  ApplicationState,
  BackupState,
  CheckpointState,
  ConductorEffect,
  ConductorEvent,
  ConductorState,
  Place,
} from '../../protocol/index.ts'
import type { FilePart, FolderContent } from '../disk/folder.ts'
import type { Conducting, DiskTally } from '../oracle/disk-check.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { End, Packet } from '../world/links.ts'
import type { ScriptJournal, Token } from './checkpoints.ts'

export interface NodeValue {
  alive: boolean
  host: ApplicationNode | CheckNode | null
  /** Who holds each place, as far as this processor was told. */
  readonly members: Map<Place, ProcessorId>
  /** Frames that came before the place did. */
  early: FramePacket[]
}

/**
 * What travels on a link; what the conductor notices by itself: it has not heard of a processor for long, or has again; and
 * what is to be done on the disk, which comes back to whoever ordered it when it is done.
 */
export type News = Packet | { readonly type: 'silent' | 'heard' } | DiskOrder | DiskRead

/** A file that a processor writes, or a manifest that the conductor's launcher writes. */
export type DiskOrder =
  | {
      readonly type: 'write'
      readonly epoch: Epoch
      readonly rank: Rank
      readonly sequence: number
      readonly parts: readonly FilePart[]
    }
  | Extract<ConductorEffect, { type: 'seal' }>

/** `found`: the file, or why there is none, yet. */
export interface DiskRead {
  readonly type: 'read'
  readonly epoch: Epoch
  readonly rank: Rank
  readonly sequence: number
  readonly checkpoint: number
  readonly found: readonly FilePart[] | string
}

/** What is on the disk, in which run of the machine, and what the checkers remember of it. */
export interface DiskValue extends FolderContent, DiskTally {
  /** One more after each power cut. */
  readonly run: number
}

export type FramePacket = Extract<Packet, { type: 'frame' }>

export interface ApplicationNode {
  readonly kind: 'application'
  readonly state: ApplicationState
  journal: ScriptJournal
  /** Captured and not recycled, oldest first. */
  kept: { readonly number: number; readonly tokens: readonly Token[] }[]
  /** What has been absorbed since the memory was cleared. */
  absorbed: { tokens: Token[] }
  work: MemoryWork[]
  shipments: PendingShipment[]
  stepping: boolean
  timerArmed: boolean
}

export interface CheckNode {
  readonly kind: 'check'
  readonly state: CheckpointState | BackupState
  /** The parity, and the delta staged for the next, as sets. */
  store: { tokens: Token[] }
  staged: { tokens: Token[] }
  shipments: PendingShipment[]
}

/** A shipment to one of its receivers; what it holds is read from the memory when it is sent. */
export interface PendingShipment {
  readonly to: Place
  readonly shipment: Shipment
}

export interface ConductorValue {
  readonly state: ConductorState
  /** Ids of the released outputs of each rank. */
  readonly released: Map<Rank, number[]>
  /** How the run has ended, once it has. */
  outcome: Ending['type'] | null
}

/** What can happen to a processor, beside a crash. */
export type NodeEvent =
  | { readonly type: 'deliver'; readonly packet: News }
  | { readonly type: 'endStep' | 'timeout' | 'work' }
  | { readonly type: 'ship'; readonly index: number }

/** What a transition leaves for the rest of the world. */
export interface SentPacket {
  readonly to: End | 'disk'
  readonly packet: News
}

/** What the checkers must hear of. */
export type Observation =
  | {
      readonly type: 'captured'
      readonly rank: Rank
      readonly number: number
      readonly epoch: Epoch
      readonly tokens: readonly Token[]
    }
  | { readonly type: 'restored'; readonly rank: Rank; readonly number: number; readonly tokens: readonly Token[] }
  | { readonly type: 'parity'; readonly place: Place; readonly number: number; readonly tokens: readonly Token[] }
  | ConductorObservation

/** What the conductor has done, of which the checkers ask the disk; so much had been released by then, of each rank. */
export interface ConductorObservation {
  readonly type: 'conducted'
  readonly conductor: Conducting
  readonly event: ConductorEvent
  readonly effects: readonly ConductorEffect[]
  readonly released: ReadonlyMap<Rank, readonly number[]>
}

/** What one event did to a processor. */
export interface Reaction {
  readonly sent: SentPacket[]
  readonly observations: Observation[]
  readonly violations: Violation[]
  /** One line for every event and effect, when they are wanted. */
  readonly lines: string[] | null
}

export function freshReaction(traced: boolean): Reaction {
  return { sent: [], observations: [], violations: [], lines: traced ? [] : null }
}
