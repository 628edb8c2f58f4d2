/**
 * An application processor's part in a recovery: survivors go back to the recovery line, or, when only check
 * processors were lost, go on computing; a newcomer is rebuilt by a chain of the others.
 *
 * R1: from the plan on, the recovery line is all that this processor holds, whatever interrupts it.
 * R2: nothing is delivered between a rollback and the conductor's `resume`.
 */

import { assert } from '../../base/index.ts'
import { openHops, type Rebuilding } from '../chain.ts'
import { type Plan, type Recover, reportNothing, tellConductor } from '../receiving.ts'
import { learnCommit, releaseOutput, requestCheckpoint, shipDelta } from './checkpointing.ts'
import type { ApplicationEffect } from './events.ts'
import { flowAfterRollback, forgetAnswers } from './flow.ts'
import { repeatFreeze } from './freeze.ts'
import { emptyMailbox } from './mailbox.ts'
import { decodeMailbox } from './mailbox-blobs.ts'
import { rulesOf, transmit } from './messages.ts'
import { decodeProcess } from './process-blobs.ts'
import { type ApplicationState, isProtected } from './state.ts'
import { restartMarks } from './storing.ts'

/** A loss was seen: the conductor learns what this processor holds. */
export function noteRecover(state: ApplicationState, effects: ApplicationEffect[], recover: Recover): void {
  // C4: who was stopped under another conductor does not compute on before everybody goes back.
  const stopped = state.mode === 'recovering'
  const rollback = recover.rollback || stopped
  state.due = state.due === 'no' ? state.asked : state.due
  state.asked = 'no'
  state.authorized = false
  state.suspended = true
  state.rollingBack = rollback
  state.rebuild = []
  state.storing = null
  forgetAnswers(state)
  if (state.mode === 'newcomer') {
    reportNothing(state, effects, recover)
    return
  }
  if (rollback) goIdle(state, effects)
  else repeat(state, effects)
  const said = recover.takeOver && stopped ? ({ stopped } as const) : {}
  tellConductor(state, effects, { type: 'report', checkpoints: kept(state), ...said })
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
  state.freeze = null
  state.mailbox = emptyMailbox()
}

/** No rollback: what was in flight when the epoch changed is gone, so it is sent again. */
function repeat(state: ApplicationState, effects: ApplicationEffect[]): void {
  for (const entry of rulesOf(state).replay(state.process.log)) {
    if (entry.to !== state.options.rank) transmit(state, effects, entry)
  }
  repeatFreeze(state, effects)
  state.releasedTo = 0
  releaseOutput(state, effects)
  if (state.failure) tellConductor(state, effects, state.failure)
}

/** The conductor has found the recovery line. */
export function notePlan(state: ApplicationState, effects: ApplicationEffect[], { line, rebuild, disk }: Plan): void {
  const { epoch } = state
  if (disk !== null) {
    // Everybody goes back to the disk: what is held here, if anything, counts no more.
    state.mode = 'newcomer'
    state.rebuild = rebuild
    effects.push({ type: 'clear' }, { type: 'load', epoch, checkpoint: line, sequence: disk })
    return
  }
  assert(kept(state).includes(line), 'R1: the recovery line is a checkpoint that is kept here')
  state.rebuild = rebuild
  if (state.rollingBack) {
    state.captured = line
    state.committed = line
    effects.push({ type: 'restore', epoch, checkpoint: line })
    return
  }
  learnCommit(state, effects, line)
  openHops(state, effects, rebuild, line)
  tellConductor(state, effects, { type: 'restored' })
}

/** All of the sum has come: it is taken as the recovery line's checkpoint. */
export function adopt(state: ApplicationState, effects: ApplicationEffect[], { line, checksums }: Rebuilding): void {
  const own = checksums.find(({ rank }) => rank === state.options.rank)
  effects.push({ type: 'adopt', epoch: state.epoch, checkpoint: line, checksums: own?.sums ?? null })
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
  state.mailbox = decodeMailbox(blobs)
  rulesOf(state).rollBack(state.process.log, checkpoint)
  restartMarks(state, checkpoint)
  state.flow = flowAfterRollback(state, rulesOf(state).replay(state.process.log))
  openHops(state, effects, state.rebuild, checkpoint)
  tellConductor(state, effects, { type: 'restored' })
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
    if (isProtected(state)) effects.push({ type: 'armTimeout' })
  } else if (state.captured > state.committed) {
    // The delta may have been lost with the processor that gathered it.
    shipDelta(state, effects)
  }
  const { waiting, outputs } = state.process
  const waitsForCommit = waiting.kind === 'finished' && outputs.some(({ interval }) => interval >= state.committed)
  if (waitsForCommit) requestCheckpoint(state, effects, 'urgent')
  else if (state.due !== 'no') requestCheckpoint(state, effects, state.due)
}
