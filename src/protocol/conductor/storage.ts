/**
 * Checkpoints on disk, as the conductor leads them: each `every`-th committed one is written by all application
 * processors while programs go on; when all files are durable the manifest is written, and the checkpoint is whole.
 *
 * F1: a manifest is ordered only when every process's file is durable; a checkpoint counts only when its manifest is.
 * F2: one checkpoint is written at a time, so nobody ever has to hold two.
 * F3: whoever goes back to the disk goes back with everybody, and what was released since then counts no more.
 * F5: a number is on record before anybody writes under it, so that no two conductors give the same; and who takes over
 *     orders nothing before the disk, which obeys nobody else from then on, has said what it holds.
 *
 * Where nothing but files keeps checkpoints, the conductor takes the part of a checkpoint processor too: it authorizes
 * each that is asked for, all capture it together and write it at once, and it is committed when it is whole.
 * F4: then a commit is told only of a checkpoint that is whole on disk.
 */
import { assert } from '../../base/index.ts'
import type { OutputMark } from '../application/index.ts'
import type { Frame } from '../frames.ts'
import { applicationPlace, type Place, rankOf } from '../places.ts'
import { type ConductorEffect, type ConductorEvent, type ConductorState, isOnDiskAlone } from './state.ts'
import type { DiskCheckpoint, Storage, StoredShare, StoreOrder } from './storage-state.ts'

/** Files of changes that may follow a full one, whichever run has written them: all of them are read to go back. */
const changesInARowMax = 8

/** A process asks for a checkpoint: all take it now, or once the one before is committed. */
export function noteRequest(state: ConductorState, effects: ConductorEffect[], checkpoint: number): void {
  const { storage } = state
  assert(storage !== null && isOnDiskAlone(state), 'checkpoints are asked for here only where files alone keep them')
  storage.wanted = Math.max(storage.wanted, checkpoint)
  orderStore(state, effects)
}

/** Orders the next checkpoint, if one is due and none is being written. The machine is whole. */
export function orderStore(state: ConductorState, effects: ConductorEffect[]): void {
  const { storage } = state
  if (!storage || storage.order || storage.isUnheard || state.phase !== 'running') return
  const onDiskAlone = isOnDiskAlone(state)
  if (onDiskAlone && storage.wanted <= storage.committed) return
  storage.lastSequence += 1
  const { lastSequence: sequence } = storage
  const checkpoint = onDiskAlone ? storage.committed + 1 : nextInTime(storage)
  const before = storage.whole.at(-1)
  const isFull = !storage.isIncremental || !before || before.changesInARow >= changesInARowMax
  const since = isFull ? null : before.sequence
  storage.order = { sequence, checkpoint, since, shares: new Map(), sealing: null }
  const frame: Frame = { type: 'store', checkpoint, sequence, since }
  tellProcesses(state, effects, frame)
  if (onDiskAlone) tellProcesses(state, effects, { type: 'grant', checkpoint })
}

/** One that nobody can have committed yet, as far as is known here. */
function nextInTime({ every, committed, late }: Storage): number {
  return (Math.floor((committed + late) / every) + 1) * every
}

function tellProcesses({ options, epoch }: ConductorState, effects: ConductorEffect[], frame: Frame): void {
  for (let rank = 0; rank < options.processes; rank += 1) {
    effects.push({ type: 'send', to: applicationPlace(rank), epoch, frame })
  }
}

/** A recovery begins: whoever was lost has not written its file, and the others begin anew. */
export function abandonStore({ storage }: ConductorState): void {
  if (storage === null) return
  if (storage.order?.sealing === null) storage.order = null
  // Asked for again by whoever still wants it.
  storage.wanted = 0
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
  if (!order || order.sequence !== sequence || order.sealing) return
  storage.committed = Math.max(storage.committed, committed)
  order.shares.set(rankOf(from)!, { released, isFinished, file })
  if (order.shares.size < state.options.processes) return
  // F1
  const { checkpoint, since } = order
  const shares = [...order.shares].sort(([one], [other]) => one - other).map(([, share]) => share)
  const changesInARow = since === null ? 0 : storage.whole.at(-1)!.changesInARow + 1
  order.sealing = { sequence, checkpoint, changesInARow, outputs: shares.map(markOf) }
  effects.push({ type: 'seal', sequence, checkpoint, since, shares })
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
  storage.order = null
  if (reason === null) storage.late += 1
  else giveUpStore(state, effects, order, { place: from, reason })
  orderStore(state, effects)
}

/** The disk has failed. Where nothing else keeps checkpoints, no program goes on without. */
function giveUpStore(
  state: ConductorState,
  effects: ConductorEffect[],
  { checkpoint, sequence }: Pick<StoreOrder, 'checkpoint' | 'sequence'>,
  { place, reason }: { readonly place: Place | null; readonly reason: string },
): void {
  const ends = isOnDiskAlone(state)
  if (ends) state.phase = 'ended'
  effects.push({ type: 'notStored', checkpoint, sequence, place, reason, ends })
}

/** The manifest is durable, or could not be written. */
export function noteSealed(
  state: ConductorState,
  effects: ConductorEffect[],
  event: Extract<ConductorEvent, { type: 'sealed' | 'notSealed' }>,
): void {
  const { storage } = state
  const sealing = storage?.order?.sealing ?? null
  assert(storage !== null && sealing !== null && sealing.sequence === event.sequence, 'F1: the manifest was ordered')
  storage.order = null
  storage.late = 0
  if (event.type === 'sealed') {
    const { checkpoint } = sealing
    storage.whole = [...storage.whole.slice(-1), sealing]
    effects.push({ type: 'stored', checkpoint })
    commitStored(state, effects, checkpoint)
  } else {
    giveUpStore(state, effects, sealing, { place: null, reason: event.reason })
  }
  orderStore(state, effects)
}

/** F5: the disk says what it holds to who takes over. */
export function noteDisk(
  { storage }: ConductorState,
  { whole, sealing, lastSequence }: Extract<ConductorEvent, { type: 'diskHolds' }>,
): void {
  if (!storage?.isUnheard) return
  storage.isUnheard = false
  storage.whole = [...whole]
  storage.lastSequence = Math.max(storage.lastSequence, lastSequence)
  if (sealing === null) return
  const { sequence, checkpoint } = sealing
  storage.order = { sequence, checkpoint, since: null, shares: new Map(), sealing }
}

/** F4. During a recovery nobody has to be told: everybody goes back to it. */
function commitStored(state: ConductorState, effects: ConductorEffect[], checkpoint: number): void {
  if (!isOnDiskAlone(state)) return
  state.storage!.committed = checkpoint
  if (state.phase === 'running') tellProcesses(state, effects, { type: 'commit', checkpoint })
}

function markOf({ released, isFinished }: StoredShare): OutputMark {
  return { released, isFinished }
}

/** Where everybody can go back to whatever is lost; null if nothing is on the disk. */
export function newestOnDisk({ storage }: ConductorState): DiskCheckpoint | null {
  return storage?.whole.at(-1) ?? null
}

/** The manifest of a checkpoint is being written, which is durable but for that; or nobody knows yet what there is. */
export function mayHaveMore({ storage }: ConductorState): boolean {
  return storage !== null && (storage.isUnheard || (storage.order !== null && storage.order.sealing !== null))
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
