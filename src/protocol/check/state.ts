import { assert, type Epoch, type Rank } from '../../base/index.ts'
import type { ErasureCode, PageBatch } from '../../parity/index.ts'
import type { RankChecksums } from '../frames.ts'
import { backupPlace, checkpointPlace, type Place } from '../places.ts'
import { childrenOf, parentOf, ranksOf, wardsOf } from '../protection.ts'
import type { CommonEffect, ReceivedFrame, Receiver } from '../receiving.ts'
import { defaultRules, type Rules } from '../rules.ts'

/** How much of what one sender ships has come: parts are numbered from 0, so that each counts once (trap 8). */
export interface Arrival {
  nextPart: number
  ended: boolean
}

/** The delta of checkpoint `parity + 1` while it gathers. It touches the parity only when it is decided. */
export interface Staging {
  readonly senders: Map<Place, Arrival>
  readonly checksums: RankChecksums[]
}

/** What checkpoint processor and backup processor have in common. */
export interface CheckState extends Receiver {
  readonly options: CheckOptions
  /** The checkpoint whose parity is here; at the root of the tree that is the global checkpoint number g. */
  parityCheckpoint: number
  /** Of checkpoint `parity`, of those that this row protects. */
  checksums: readonly RankChecksums[]
  staging: Staging
}

export interface CheckpointState extends CheckState {
  readonly options: CheckpointOptions
  /** Ranks that were allowed, or told, to capture g + 1. */
  granted: Set<Rank>
  /** Ranks that asked for g + 2, and whether it is urgent; answered when g moves. */
  waiting: Map<Rank, boolean>
  /** Those who have told that they hold checkpoint g + 1: the backup processor, and the next below in the tree. */
  holders: Set<Place>
  /** Of checkpoint g + 1, the other checkpoint processors know: nothing, that it has begun, or that somebody waits. */
  spread: 'no' | 'begun' | 'hurry'
}

export type BackupState = CheckState

export type CheckEvent = ({ readonly type: 'frame' } & ReceivedFrame) | { readonly type: 'fenced' }

export type CheckEffect =
  | CommonEffect
  /** staged ^= coefficient times batch. */
  | { readonly type: 'stage'; readonly batch: PageBatch; readonly coefficient: number }
  | { readonly type: 'applyStaged'; readonly checkpoint: number }
  | { readonly type: 'dropStaged' }
  | {
      readonly type: 'shipMerged'
      readonly to: Place
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly checksums: readonly RankChecksums[]
    }

export interface CheckOptions {
  readonly row: number
  readonly rules: Rules
}

/** What a checkpoint processor knows of the machine, as the code says it. */
export interface CheckpointOptions extends CheckOptions {
  /** The processes whose deltas are gathered here, and what each is multiplied with. */
  readonly coefficients: ReadonlyMap<Rank, number>
  /** The processes that are authorized and told from here. */
  readonly wards: readonly Rank[]
  /** The next above in the tree of checkpoint processors; null at its root. */
  readonly parent: Place | null
  readonly children: readonly Place[]
  /** Who holds the row a second time; null where it is only a copy of what its process holds. */
  readonly backup: Place | null
  /**
   * Neighbours in the tree that are told when somebody here begins or waits: those that have wards, or lead to some.
   * Without wards, none: what is heard here is heard at a home, too.
   */
  readonly hurries: readonly Place[]
}

export function freshStaging(): Staging {
  return { senders: new Map(), checksums: [] }
}

function freshCheck<Options extends CheckOptions>(place: Place, epoch: Epoch, options: Options) {
  return {
    place,
    options: Object.freeze(options),
    epoch,
    mode: 'newcomer' as const,
    planned: false,
    parityCheckpoint: 0,
    checksums: [],
    staging: freshStaging(),
    rebuilding: null,
    hops: null,
    early: [],
  }
}

/** The checkpoint processor of a row, which holds nothing yet. */
export function createCheckpoint(
  epoch: Epoch,
  { row, code, rules = defaultRules }: { readonly row: number; readonly code: ErasureCode; readonly rules?: Rules },
): CheckpointState {
  const parent = parentOf(row)
  const children = childrenOf(code, row)
  const wards = wardsOf(code, row)
  const guardians = children.filter((child) => wardsOf(code, child).length > 0)
  const neighbours = [...(parent === null ? [] : [parent]), ...guardians]
  const options: CheckpointOptions = {
    row,
    rules,
    coefficients: new Map(ranksOf(code, row).map((rank) => [rank, code.coefficient(row, rank)])),
    wards,
    parent: parent === null ? null : checkpointPlace(parent),
    children: children.map(checkpointPlace),
    backup: code.copies === 2 ? backupPlace(row) : null,
    hurries: wards.length === 0 ? [] : neighbours.map(checkpointPlace),
  }
  const check = freshCheck(checkpointPlace(row), epoch, options)
  return { ...check, granted: new Set(), waiting: new Map(), holders: new Set(), spread: 'no' }
}

/** The backup processor of a row, which holds nothing yet. */
export function createBackup(
  epoch: Epoch,
  { row, rules = defaultRules }: { readonly row: number; readonly rules?: Rules },
): BackupState {
  return freshCheck(backupPlace(row), epoch, { row, rules })
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
