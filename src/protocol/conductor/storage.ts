/**
 * Checkpoints on disk, as the conductor leads them: each `every`-th committed one is written by all application
 * processors while programs go on; when all files are durable the manifest is written, and the checkpoint is whole.
 *
 * F1: a manifest is ordered only when every process's file is durable; a checkpoint counts only when its manifest is.
 * F2: one checkpoint is written at a time, so nobody ever has to hold two.
 * F3: whoever goes back to the disk goes back with everybody, and what was released since then counts no more.
 */
import { assert } from '../../base/index.ts'
import type { Frame } from '../frames.ts'
import { applicationPlace, type Place, rankOf } from '../places.ts'
import type { ConductorEffect, ConductorEvent, ConductorState } from './state.ts'
import type { DiskCheckpoint, OutputMark, StoredShare } from './storage-state.ts'

/** Files of changes that may follow a full one: all of them are read to go back. */
const changesInARowMax = 8

/** Orders the next checkpoint, unless one is being written. The machine is whole. */
export function orderStore(state: ConductorState, effects: ConductorEffect[]): void {
  const { storage } = state
  if (!storage || storage.order || state.phase !== 'running') return
  storage.lastSequence += 1
  const { every, lastSequence: sequence } = storage
  // One that nobody can have committed yet, as far as is known here.
  const checkpoint = (Math.floor((storage.committed + storage.late) / every) + 1) * every
  const isFull = storage.changesInARow >= changesInARowMax
  const since = isFull ? null : (storage.whole.at(-1)?.sequence ?? null)
  storage.order = { sequence, checkpoint, since, shares: new Map(), isSealing: false }
  const frame: Frame = { type: 'store', checkpoint, sequence, since }
  for (let rank = 0; rank < state.options.processes; rank += 1) {
    effects.push({ type: 'send', to: applicationPlace(rank), epoch: state.epoch, frame })
  }
}

/** A recovery begins: whoever was lost has not written its file, and the others begin anew. */
export function abandonStore({ storage }: ConductorState): void {
  if (storage?.order?.isSealing === false) storage.order = null
}

/** The recovery line is found, and checkpoints are counted on from there. */
export function storageWentTo({ storage }: ConductorState, line: number): void {
  if (storage) storage.committed = line
}

/** A process has written its file. */
export function noteStored(
  state: ConductorState,
  effects: ConductorEffect[],
  from: Place,
  { sequence, committed, released, isFinished, file }: Extract<Frame, { type: 'stored' }>,
): void {
  const { storage } = state
  const order = storage?.order
  if (!order || order.sequence !== sequence || order.isSealing) return
  storage.committed = Math.max(storage.committed, committed)
  order.shares.set(rankOf(from)!, { released, isFinished, file })
  if (order.shares.size < state.options.processes) return
  // F1
  order.isSealing = true
  const shares = [...order.shares].sort(([one], [other]) => one - other).map(([, share]) => share)
  effects.push({ type: 'seal', sequence, checkpoint: order.checkpoint, since: order.since, shares })
}

/** A process could not write its file: it heard of the order too late, or its disk failed. */
export function noteNotStored(
  state: ConductorState,
  effects: ConductorEffect[],
  from: Place,
  { sequence, committed, reason }: Extract<Frame, { type: 'notStored' }>,
): void {
  const { storage } = state
  const order = storage?.order
  if (!order || order.sequence !== sequence) return
  storage.committed = Math.max(storage.committed, committed)
  if (reason === null) storage.late += 1
  else effects.push({ type: 'notStored', checkpoint: order.checkpoint, sequence, place: from, reason })
  storage.order = null
  orderStore(state, effects)
}

/** The manifest is durable, or could not be written. */
export function noteSealed(
  state: ConductorState,
  effects: ConductorEffect[],
  event: Extract<ConductorEvent, { type: 'sealed' | 'notSealed' }>,
): void {
  const { storage } = state
  const order = storage?.order
  const isOrdered = order?.isSealing === true && order.sequence === event.sequence
  assert(storage !== null && order !== null && order !== undefined && isOrdered, 'F1: the manifest was ordered')
  storage.order = null
  storage.late = 0
  if (event.type === 'sealed') {
    const { sequence, checkpoint, shares, since } = order
    const outputs = [...shares].sort(([one], [other]) => one - other).map(([, share]) => markOf(share))
    storage.whole = [...storage.whole.slice(-1), { sequence, checkpoint, outputs }]
    storage.changesInARow = since === null ? 0 : storage.changesInARow + 1
    effects.push({ type: 'stored', checkpoint })
  } else {
    const { checkpoint, sequence } = order
    effects.push({ type: 'notStored', checkpoint, sequence, place: null, reason: event.reason })
  }
  orderStore(state, effects)
}

function markOf({ released, isFinished }: StoredShare): OutputMark {
  return { released, isFinished }
}

/** Where everybody can go back to whatever is lost; null if nothing is on the disk. */
export function newestOnDisk({ storage }: ConductorState): DiskCheckpoint | null {
  return storage?.whole.at(-1) ?? null
}

/** F3: outputs count from the checkpoint on; what comes again stands in place of what was released since. */
export function takeBackOutputs(state: ConductorState, { outputs }: DiskCheckpoint): void {
  state.finished.clear()
  for (const [rank, { released, isFinished }] of outputs.entries()) {
    state.nextOutput.set(rank, released)
    if (isFinished) state.finished.add(rank)
  }
}

/** The newest checkpoint on disk turned out to be damaged. False: there is no other. */
export function passOverNewest({ storage }: ConductorState): boolean {
  if (!storage || storage.whole.length < 2) return false
  storage.whole.pop()
  return true
}
