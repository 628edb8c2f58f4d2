/**
 * An application processor's part in a recovery: survivors go back to the recovery line, or, when only check
 * processors were lost, go on computing; a newcomer is rebuilt as the XOR of the images of its sources.
 *
 * R1: from the plan on, the recovery line is all that this processor holds, whatever interrupts it.
 * R2: nothing is delivered between a rollback and the conductor's `resume`.
 */

import type { Epoch } from '../../base/index.ts'
import { assert } from '../../base/index.ts'
import type { Frame, Rebuild } from '../frames.ts'
import type { Place } from '../places.ts'
import { learnCommit, releaseOutput, requestCheckpoint, shipDelta } from './checkpointing.ts'
import type { ApplicationEffect } from './events.ts'
import { decodeProcess } from './image.ts'
import { emptyMailbox } from './mailbox.ts'
import { costOf, rulesOf, transmit } from './messages.ts'
import { type ApplicationState, freshFlow } from './state.ts'

/** A loss was seen: the new epoch begins here, and the conductor learns what this processor holds. */
export function noteRecover(
  state: ApplicationState,
  effects: ApplicationEffect[],
  epoch: Epoch,
  rollback: boolean,
): void {
  state.epoch = epoch
  state.due = state.due === 'no' ? state.asked : state.due
  state.asked = 'no'
  state.authorized = false
  state.suspended = true
  state.rollingBack = rollback
  state.planned = false
  state.imageTargets = []
  state.flow.pressing.clear()
  state.flow.pressedBy.clear()
  if (state.mode === 'newcomer') {
    state.rebuilding = null
    return
  }
  if (rollback) goIdle(state, effects)
  else repeat(state, effects)
  tellConductor(state, effects, { type: 'report', checkpoints: kept(state) })
}

/** The checkpoints that this processor can go back to. */
export function kept(state: ApplicationState): number[] {
  return state.captured > state.committed ? [state.committed, state.captured] : [state.captured]
}

function goIdle(state: ApplicationState, effects: ApplicationEffect[]): void {
  if (state.mode === 'running') effects.push({ type: 'stopProgram' })
  state.mode = 'recovering'
  state.stepping = false
  state.failure = null
  state.mailbox = emptyMailbox()
  state.rebuilding = null
}

/** No rollback: what was in flight when the epoch changed is gone, so it is sent again. */
function repeat(state: ApplicationState, effects: ApplicationEffect[]): void {
  for (const entry of rulesOf(state).replay(state.process.log)) {
    if (entry.to !== state.options.rank) transmit(state, effects, entry)
  }
  state.releasedTo = 0
  releaseOutput(state, effects)
  if (state.failure) tellConductor(state, effects, state.failure)
}

/** The conductor has found the recovery line. */
export function notePlan(
  state: ApplicationState,
  effects: ApplicationEffect[],
  line: number,
  rebuild: readonly Rebuild[],
): void {
  if (state.planned) return
  state.planned = true
  const own = rebuild.find((one) => one.target === state.place)
  if (own) {
    beginRebuild(state, effects, line, own)
    return
  }
  assert(kept(state).includes(line), 'R1: the recovery line is a checkpoint that is kept here')
  state.imageTargets = rebuild.filter((one) => one.sources.includes(state.place)).map((one) => one.target)
  if (state.rollingBack) {
    state.captured = line
    state.committed = line
    effects.push({ type: 'restore', epoch: state.epoch, checkpoint: line })
    return
  }
  learnCommit(state, effects, line)
  shipImages(state, effects)
  tellConductor(state, effects, { type: 'restored' })
}

function beginRebuild(state: ApplicationState, effects: ApplicationEffect[], line: number, own: Rebuild): void {
  state.mode = 'newcomer'
  const sources = new Map(own.sources.map((source) => [source, { nextPart: 0, ended: false }]))
  state.rebuilding = { line, sources, checksums: null }
  effects.push({ type: 'clear' })
  adoptWhenComplete(state, effects)
}

/** Part of a source's image, or its end, has come. A part that comes twice is taken once. */
export function noteImage(
  state: ApplicationState,
  effects: ApplicationEffect[],
  from: Place,
  frame: Extract<Frame, { type: 'image' | 'imageEnd' }>,
): void {
  const source = state.rebuilding?.sources.get(from)
  if (!state.rebuilding || !source || source.ended) return
  if (frame.type === 'image') {
    if (frame.part !== source.nextPart) return
    source.nextPart += 1
    effects.push({ type: 'absorb', batch: frame.batch })
    return
  }
  assert(frame.parts === source.nextPart, 'links keep the order of frames')
  source.ended = true
  state.rebuilding.checksums ??= frame.checksums[state.options.rank] ?? null
  adoptWhenComplete(state, effects)
}

function adoptWhenComplete(state: ApplicationState, effects: ApplicationEffect[]): void {
  const { rebuilding } = state
  if (!rebuilding || ![...rebuilding.sources.values()].every((source) => source.ended)) return
  effects.push({ type: 'adopt', epoch: state.epoch, checkpoint: rebuilding.line, checksums: rebuilding.checksums })
}

/** The memory is at the recovery line again; the process is read out of it. */
export function noteRestored(
  state: ApplicationState,
  effects: ApplicationEffect[],
  checkpoint: number,
  blobs: ReadonlyMap<string, Uint8Array>,
): void {
  state.mode = 'recovering'
  state.captured = checkpoint
  state.committed = checkpoint
  state.rebuilding = null
  state.process = decodeProcess(blobs)
  state.mailbox = emptyMailbox()
  rulesOf(state).rollBack(state.process.log, checkpoint)
  state.flow = freshFlow()
  for (const entry of rulesOf(state).replay(state.process.log)) {
    if (entry.to !== state.options.rank) state.flow.unconsumedBytes += costOf(state, entry)
  }
  shipImages(state, effects)
  tellConductor(state, effects, { type: 'restored' })
}

function shipImages(state: ApplicationState, effects: ApplicationEffect[]): void {
  for (const to of state.imageTargets) {
    effects.push({ type: 'shipImage', to, epoch: state.epoch, checkpoint: state.committed })
  }
  state.imageTargets = []
}

/** The machine is whole again. */
export function noteResume(state: ApplicationState, effects: ApplicationEffect[]): void {
  if (!state.suspended) return
  state.suspended = false
  if (state.rollingBack) {
    state.rollingBack = false
    state.mode = 'running'
    state.due = 'no'
    state.releasedTo = 0
    for (const entry of rulesOf(state).replay(state.process.log)) transmit(state, effects, entry)
    releaseOutput(state, effects)
    if (state.options.protected) effects.push({ type: 'armTimeout' })
  } else if (state.captured > state.committed) {
    // The delta may have been lost with the processor that gathered it.
    shipDelta(state, effects)
  }
  const { waiting, outputs } = state.process
  const waitsForCommit = waiting.kind === 'finished' && outputs.some(({ interval }) => interval >= state.committed)
  if (waitsForCommit) requestCheckpoint(state, effects, 'urgent')
  else if (state.due !== 'no') requestCheckpoint(state, effects, state.due)
}

export function tellConductor(state: ApplicationState, effects: ApplicationEffect[], frame: Frame): void {
  effects.push({ type: 'send', to: 'conductor', epoch: state.epoch, frame })
}
