/**
 * What was released to the outside, in one order for the whole run: its conductor keeps it, and so does each of its
 * replicas.
 *
 * O1: an entry is released once all replicas have it, in the conductor's revision.
 * O2: what a return to the disk takes back is an entry too, and a process is told that its output was taken when the
 *     entry is released.
 * O3: what nobody has fetched is bounded: see `bytesMax` of the candidate.
 */
import type { Rank } from '../../base/index.ts'
import type { OutputMark } from '../application/index.ts'
import type { ConductorEffect } from '../conductor/index.ts'

export type Released =
  | Extract<ConductorEffect, { type: 'output' }>
  /** Everybody went back to the disk; what was released behind these marks, one for each rank, counts no more. */
  | { readonly type: 'tookBack'; readonly outputs: readonly OutputMark[] }

/** What a conductor has to know of all output so far. */
export interface OutputCounts {
  /** By rank: lower indices are repetitions. */
  readonly next: ReadonlyMap<Rank, number>
  readonly finished: ReadonlySet<Rank>
}

/** Entries are numbered from 1. */
export interface ReleaseLog {
  /** How many were fetched, and are kept no more. */
  fetched: number
  /** What those said. */
  before: OutputCounts
  /** All behind them, and how many bytes of output they are. */
  entries: Released[]
  bytes: number
}

export function emptyReleaseLog(): ReleaseLog {
  return { fetched: 0, before: { next: new Map(), finished: new Set() }, entries: [], bytes: 0 }
}

/** A log that changes apart from this one. */
export function copyOfLog(log: ReleaseLog): ReleaseLog {
  return { ...log, entries: [...log.entries] }
}

export function appendEntry(log: ReleaseLog, entry: Released): void {
  log.entries.push(entry)
  log.bytes += bytesOf(entry)
}

/** The number of the last entry. */
export function lastNumber({ fetched, entries }: ReleaseLog): number {
  return fetched + entries.length
}

/** What was fetched up to this number need not be kept. */
export function forgetFetched(log: ReleaseLog, upTo: number): void {
  const count = Math.min(upTo - log.fetched, log.entries.length)
  if (count <= 0) return
  const entries = log.entries.splice(0, count)
  log.before = countsAfter(log.before, entries)
  log.fetched += count
  for (const entry of entries) log.bytes -= bytesOf(entry)
}

export function outputCounts({ before, entries }: ReleaseLog): OutputCounts {
  return countsAfter(before, entries)
}

function bytesOf(entry: Released): number {
  return entry.type === 'output' ? entry.payload.byteLength : 0
}

function countsAfter(before: OutputCounts, entries: readonly Released[]): OutputCounts {
  const next = new Map(before.next)
  const finished = new Set(before.finished)
  for (const entry of entries) {
    if (entry.type === 'output') {
      next.set(entry.rank, entry.index + 1)
      if (entry.kind === 'done') finished.add(entry.rank)
      continue
    }
    finished.clear()
    for (const [rank, { released, isFinished }] of entry.outputs.entries()) {
      next.set(rank, released)
      if (isFinished) finished.add(rank)
    }
  }
  return { next, finished }
}
