import type { Epoch, ProcessorId, Rank } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import type { Frame, OutputKind } from '../frames.ts'
import { everyPlace, type Place } from '../places.ts'
import {
  createStorage,
  type DiskCheckpoint,
  type Storage,
  type StorageOptions,
  type StoredShare,
} from './storage-state.ts'

export interface ConductorOptions {
  readonly processes: number
  /** Null: no check processors, and no loss is covered but by files. */
  readonly code: ErasureCode | null
  /** Null: nothing is written to disk. */
  readonly storage?: StorageOptions | null
  /** Which spare takes which place where they are on hosts; left out: the oldest spare takes the first place. */
  readonly arrange?: Arrange
}

/** Places that nobody holds, and spares that may take them: at least as many. */
export interface Vacancies {
  readonly code: ErasureCode
  /** The hosts of the places that are held. */
  readonly kept: ReadonlyMap<Place, string>
  readonly vacant: readonly Place[]
  /** Oldest first. */
  readonly spares: readonly { readonly processor: ProcessorId; readonly host: string }[]
}

/** Gives each vacant place to a spare of its own. Always the same for the same vacancies. */
export type Arrange = (vacancies: Vacancies) => ReadonlyMap<Place, ProcessorId>

/** A step that failed once: if it fails again at the same site, the program itself is at fault. */
export interface FailedStep {
  readonly rank: Rank
  readonly step: number
  readonly site: string
  readonly error: string
  /** The recovery line that it was taken back to; null until that is found. */
  line: number | null
}

/** Nobody asked for a loss; it came soon after its processor had taken its place, or late. */
export type Accident = 'soon' | 'late'

/** Of a processor that is lost or silent. `accident` is left out if somebody asked for it, as for a fault. */
export interface ProcessorLoss {
  readonly processor: ProcessorId
  readonly accident?: Accident
}

/** A loss that nobody asked for. */
export interface Misfortune {
  readonly accident: Accident
  /** Whatever else was on its host was lost at once. */
  readonly withHost: boolean
}

/** Losses of one place that nobody asked for, one soon after the other, with no commit in between. */
export interface RepeatedLoss {
  readonly place: Place
  /** Of its processor alone. */
  losses: number
  /** Of all of its host; left out: none. */
  withHost?: number
  /** The recovery line that they were taken back to; null until that is found. */
  line: number | null
}

export interface ConductorState {
  readonly options: ConductorOptions
  epoch: Epoch
  /**
   * collecting: waits for reports, and for spares to take lost places; rebuilding: waits for everybody to be restored;
   * ended: the run is over, one way or another.
   */
  phase: 'collecting' | 'rebuilding' | 'running' | 'ended'
  /** The machine has computed: from now on a loss costs memory. */
  begun: boolean
  /** Who holds each place; null while nobody does. */
  readonly members: Map<Place, ProcessorId | null>
  /** The places that nobody holds, in the order in which they are filled. */
  vacant: Place[]
  /** Places whose memory is not whole: lost, or given to a newcomer that is not restored yet. */
  readonly missing: Set<Place>
  /**
   * Another one conducted before, and the recovery that this one began with has not found its line: everybody is asked
   * for all that it holds.
   */
  takingOver: boolean
  /** Of the missing places, those whose holder may have been restored under another conductor, and has not said. */
  readonly unheard: Set<Place>
  /** Ready to take a place, oldest first. */
  spares: ProcessorId[]
  /** The host of each member and spare; empty on one computer. */
  readonly hosts: Map<ProcessorId, string>
  /** Members that have not been heard of for too long, but whose loss no code would cover. */
  readonly silent: Set<ProcessorId>
  /** The recovery under way takes programs back. */
  rollback: boolean
  readonly reports: Map<Place, readonly number[]>
  readonly restored: Set<Place>
  /** The newest recovery line. */
  line: number
  /** Null: nothing is written to disk. */
  readonly storage: Storage | null
  /** The recovery under way, or the start, takes everybody back to the disk. */
  fromDisk: boolean
  /** What ends the run, unless more turns out to be on disk. */
  endsWith: Extract<ConductorEffect, { type: 'uncovered' | 'damaged' }> | null
  failures: FailedStep[]
  repeated: RepeatedLoss[]
  /** How those that are silent came to be so, if nobody asked for it. */
  readonly accidents: Map<ProcessorId, Misfortune>
  /** Next output index of each rank: lower ones are repetitions. */
  readonly nextOutput: Map<Rank, number>
  readonly finished: Set<Rank>
}

export type ConductorEvent =
  /** A processor has started and can take a place. `host`: that it is on; null on one computer. */
  | { readonly type: 'ready'; readonly processor: ProcessorId; readonly host: string | null }
  /** Its connection closed or its process ended. */
  | ({ readonly type: 'lost' } & ProcessorLoss)
  /** Heartbeats are missing; it may be frozen or cut off, or merely slow. */
  | ({ readonly type: 'silent' } & ProcessorLoss)
  | { readonly type: 'heard'; readonly processor: ProcessorId }
  /** The same of all processors of a host at once. */
  | { readonly type: 'lostTogether'; readonly losses: readonly ProcessorLoss[] }
  | { readonly type: 'silentTogether'; readonly losses: readonly ProcessorLoss[] }
  | { readonly type: 'heardTogether'; readonly processors: readonly ProcessorId[] }
  /**
   * This conductor begins where the record of the one before ends (see candidate/conductor-record.ts). `lost`: members that ended since.
   */
  | { readonly type: 'tookOver'; readonly lost: readonly ProcessorId[] }
  /** Silent members whose loss is not covered have been waited for long enough. */
  | { readonly type: 'patienceOver' }
  /**
   * To who takes over, and asked in `epoch`: what is whole on disk, newest last, whose manifest is being written, and the
   * highest number there.
   */
  | {
      readonly type: 'diskHolds'
      readonly epoch: Epoch
      readonly whole: readonly DiskCheckpoint[]
      readonly sealing: DiskCheckpoint | null
      readonly lastSequence: number
    }
  /** Answers to `seal`. */
  | { readonly type: 'sealed'; readonly sequence: number }
  | { readonly type: 'notSealed'; readonly sequence: number; readonly reason: string }
  | {
      readonly type: 'frame'
      readonly processor: ProcessorId
      readonly epoch: Epoch
      readonly from: Place
      readonly frame: Frame
    }

export type ConductorEffect =
  | { readonly type: 'send'; readonly to: Place; readonly epoch: Epoch; readonly frame: Frame }
  /** Give the place to the processor, and tell everybody who holds what. */
  | { readonly type: 'assign'; readonly processor: ProcessorId; readonly place: Place; readonly epoch: Epoch }
  /** The processor was replaced: it shall take part no more. */
  | { readonly type: 'fence'; readonly processor: ProcessorId }
  /** A recovery begins: these places were lost now; all that are missing since the machine was last whole. */
  | {
      readonly type: 'recoveryBegan'
      readonly epoch: Epoch
      readonly lost: readonly Place[]
      readonly rollback: boolean
    }
  /** `disk`: the recovery line is on disk, and outputs that were released since then are taken back. */
  | {
      readonly type: 'lineFound'
      readonly epoch: Epoch
      readonly line: number
      readonly disk: DiskCheckpoint | null
    }
  /** All files of a checkpoint are durable: write its manifest. `shares` by rank; `since`: on which one changes build. */
  | {
      readonly type: 'seal'
      readonly sequence: number
      readonly checkpoint: number
      readonly since: number | null
      readonly shares: readonly StoredShare[]
    }
  /** The checkpoint is whole on disk. */
  | { readonly type: 'stored'; readonly checkpoint: number }
  /**
   * It could not be written. `place`: whose disk failed; null for the manifest. Another one is tried, unless `ends`: nothing
   * else keeps checkpoints, so the run is over.
   */
  | {
      readonly type: 'notStored'
      readonly checkpoint: number
      readonly sequence: number
      readonly place: Place | null
      readonly reason: string
      readonly ends: boolean
    }
  /** It cannot be read any more: everybody goes back to the one before. */
  | { readonly type: 'passedOver'; readonly checkpoint: number; readonly place: Place; readonly reason: string }
  | { readonly type: 'resumed'; readonly epoch: Epoch; readonly line: number }
  | {
      readonly type: 'output'
      readonly rank: Rank
      readonly index: number
      readonly kind: OutputKind
      readonly payload: Uint8Array
    }
  | { readonly type: 'finished' }
  /** `needed`: the `tolerate` of Reed–Solomon that would have covered it, in the groups that it has. */
  | { readonly type: 'uncovered'; readonly lost: readonly Place[]; readonly needed: number }
  | { readonly type: 'programFailed'; readonly rank: Rank; readonly error: string }
  /** Whoever holds the place is lost again and again, and nothing is committed in between. `withHost`: with all of its host. */
  | { readonly type: 'repeatedLoss'; readonly place: Place; readonly losses: number; readonly withHost?: true }
  /** `onDisk`: the checkpoint that was to be read, of which there is no older one; null where it was to be rebuilt. */
  | { readonly type: 'damaged'; readonly place: Place; readonly onDisk: number | null; readonly reason: string }

/** Nothing but files keeps checkpoints. */
export function isOnDiskAlone({ options }: ConductorState): boolean {
  return options.code === null && (options.storage ?? null) !== null
}

/** A machine in which nobody holds a place yet: starting is the first recovery, to checkpoint 0. */
export function createConductor(options: ConductorOptions): ConductorState {
  const places = everyPlace(options.processes, options.code)
  return {
    options,
    epoch: 1,
    phase: 'collecting',
    begun: false,
    members: new Map(places.map((place) => [place, null])),
    vacant: [...places],
    missing: new Set(places),
    takingOver: false,
    unheard: new Set(),
    spares: [],
    hosts: new Map(),
    silent: new Set(),
    rollback: true,
    reports: new Map(),
    restored: new Set(),
    line: 0,
    storage: options.storage ? createStorage(options.storage) : null,
    fromDisk: (options.storage?.whole.length ?? 0) > 0,
    endsWith: null,
    failures: [],
    repeated: [],
    accidents: new Map(),
    nextOutput: new Map(),
    finished: new Set(),
  }
}
