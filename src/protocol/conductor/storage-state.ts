import type { Rank } from '../../base/index.ts'
import type { OutputMark } from '../application/index.ts'
import type { StoredFile } from '../frames.ts'

/** A checkpoint that is whole on disk. */
export interface DiskCheckpoint {
  readonly sequence: number
  readonly checkpoint: number
  /** Files of changes in a row, up to this one, that follow a full one: all are read to go back. */
  readonly changesInARow: number
  /** By rank. */
  readonly outputs: readonly OutputMark[]
}

/** What one process has written, and what its checkpoint says. */
export interface StoredShare extends OutputMark {
  readonly file: StoredFile
}

/** The checkpoint that is being written. */
export interface StoreOrder {
  readonly sequence: number
  readonly checkpoint: number
  readonly since: number | null
  readonly shares: Map<Rank, StoredShare>
  /** What it becomes when its manifest is written, which is under way; null before all files are durable. */
  sealing: DiskCheckpoint | null
}

export interface Storage {
  readonly every: number
  /** Files may hold only what has changed since the one before. */
  readonly isIncremental: boolean
  order: StoreOrder | null
  /** The highest number that any writing has been given. */
  lastSequence: number
  /** Newest last, at most two. */
  whole: DiskCheckpoint[]
  /** Another one conducted before, and the disk has not said yet what it holds: nothing is ordered, nor given up. */
  isUnheard: boolean
  /** The newest commit that anybody has told of. */
  committed: number
  /** Orders in a row that came too late to somebody. */
  late: number
  /** Where nothing but files keeps checkpoints: the newest that a process has asked for. */
  wanted: number
}

export interface StorageOptions {
  /** One in so many committed checkpoints is written; all, where nothing else keeps them. */
  readonly every: number
  readonly isIncremental: boolean
  /** To go on from, newest last; empty for a program that starts. */
  readonly whole: readonly DiskCheckpoint[]
  /** The highest number of a checkpoint whose manifest is in the folder, whole or not; 0 if there is none. */
  readonly lastSequence: number
}

export function createStorage({ every, isIncremental, whole, lastSequence }: StorageOptions): Storage {
  const counts = { committed: 0, late: 0, wanted: 0 }
  return { every, isIncremental, order: null, lastSequence, whole: [...whole], isUnheard: false, ...counts }
}

/** Of one who takes over: the disk itself says what it holds. `sequence`: the highest number that is on record. */
export function takenOver(options: StorageOptions, sequence: number): Storage {
  const lastSequence = Math.max(options.lastSequence, sequence)
  return { ...createStorage({ ...options, lastSequence, whole: [] }), isUnheard: true }
}
