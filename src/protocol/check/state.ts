import { assert, type Epoch, type Rank } from '../../base/index.ts'
import type { Checksums, PageBatch } from '../../parity/index.ts'
import type { Frame } from '../frames.ts'
import { backupPlace, checkpointPlace, type Place } from '../places.ts'
import { defaultRules, type Rules } from '../rules.ts'

/** How far what one sender ships has come: parts are numbered from 0, so that each counts once (trap 8). */
export interface Arrival {
  nextPart: number
  ended: boolean
}

/** The delta of checkpoint `parity + 1` while it gathers. It touches the parity only when it is decided. */
export interface Staging {
  readonly senders: Map<Place, Arrival>
  readonly checksums: (Checksums | null)[]
}

/** What checkpoint processor and backup processor have in common. */
export interface CheckState {
  readonly place: Place
  readonly processes: number
  readonly rules: Rules
  epoch: Epoch
  mode: 'newcomer' | 'running' | 'recovering' | 'fenced'
  /** The plan of this epoch is known: it is followed once, however often it comes. */
  planned: boolean
  /** The checkpoint whose parity is here; on the checkpoint processor that is the global checkpoint number g. */
  parity: number
  /** Checksums of every rank's checkpoint `parity`. */
  checksums: (Checksums | null)[]
  staging: Staging
  rebuilding: { readonly line: number; readonly sources: Map<Place, Arrival> } | null
  held: { readonly epoch: Epoch; readonly from: Place; readonly frame: Frame }[]
}

export interface CheckpointState extends CheckState {
  /** Ranks that were allowed, or told, to capture g + 1. */
  granted: Set<Rank>
  /** Ranks that asked for g + 2, and whether it is urgent; answered when g moves. */
  waiting: Map<Rank, boolean>
}

export type BackupState = CheckState

export type CheckEvent =
  | { readonly type: 'frame'; readonly epoch: Epoch; readonly from: Place; readonly frame: Frame }
  | { readonly type: 'fenced' }

export type CheckEffect =
  | { readonly type: 'send'; readonly to: Place; readonly epoch: Epoch; readonly frame: Frame }
  | { readonly type: 'stage'; readonly batch: PageBatch }
  | { readonly type: 'applyStaged'; readonly checkpoint: number }
  | { readonly type: 'dropStaged' }
  | {
      readonly type: 'shipMerged'
      readonly to: Place
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly checksums: readonly Checksums[]
    }
  | {
      readonly type: 'shipParity'
      readonly to: Place
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly checksums: readonly (Checksums | null)[]
    }
  | { readonly type: 'clear' }
  | { readonly type: 'absorb'; readonly batch: PageBatch }

export interface CheckOptions {
  readonly processes: number
  readonly rules?: Rules
}

export function freshStaging(): Staging {
  return { senders: new Map(), checksums: [] }
}

function createCheck(place: Place, epoch: Epoch, options: CheckOptions): CheckState {
  return {
    place,
    processes: options.processes,
    rules: options.rules ?? defaultRules,
    epoch,
    mode: 'newcomer',
    planned: false,
    parity: 0,
    checksums: [],
    staging: freshStaging(),
    rebuilding: null,
    held: [],
  }
}

/** A checkpoint processor that holds nothing yet. */
export function createCheckpoint(epoch: Epoch, options: CheckOptions): CheckpointState {
  return { ...createCheck(checkpointPlace, epoch, options), granted: new Set(), waiting: new Map() }
}

/** A backup processor that holds nothing yet. */
export function createBackup(epoch: Epoch, options: CheckOptions): BackupState {
  return createCheck(backupPlace, epoch, options)
}

/** Notes that a part, or the end after `parts` of them, has come from `from`. False: it was here before. */
export function noteArrival(
  arrivals: Map<Place, Arrival>,
  from: Place,
  part: { readonly number: number } | { readonly parts: number },
  once: boolean,
): boolean {
  const arrival = arrivals.get(from) ?? { nextPart: 0, ended: false }
  arrivals.set(from, arrival)
  if ('number' in part) {
    if (once && part.number !== arrival.nextPart) return false
    arrival.nextPart = part.number + 1
    return true
  }
  if (arrival.ended) return false
  assert(part.parts === arrival.nextPart, 'links keep the order of frames')
  arrival.ended = true
  return true
}
