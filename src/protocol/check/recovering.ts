/**
 * A check processor's part in a recovery: it settles the commit that was under way, gives its parity to whoever is
 * rebuilt from it, or is rebuilt itself.
 *
 * P4: parity and staged delta of the checkpoint being taken are kept apart until the commit is decided.
 */
import { assert } from '../../base/index.ts'
import { openHops, type Rebuilding } from '../chain.ts'
import { type Plan, type ReceivingPart, type Recover, reportNothing, tellConductor } from '../receiving.ts'
import { type CheckEffect, type CheckState, freshStaging } from './state.ts'

/** What checkpoint and backup processors do differently. */
export interface CheckPart<State extends CheckState>
  extends Pick<ReceivingPart<State, CheckEffect[]>, 'recover' | 'handle'> {}

/** How a check processor receives: as `own` says, and in a recovery as all of them do. */
export function receivingPart<State extends CheckState>(own: CheckPart<State>): ReceivingPart<State, CheckEffect[]> {
  return {
    ...own,
    plan: notePlan,
    forget,
    complete: noteRebuilt,
    resume,
    line: ({ parityCheckpoint }) => parityCheckpoint,
  }
}

/** A loss was seen: the conductor learns which parity can be given here. */
export function report(state: CheckState, effects: CheckEffect[], recover: Recover, stagedIsComplete: boolean): void {
  if (state.mode === 'newcomer') {
    reportNothing(state, effects, recover)
    return
  }
  state.mode = 'recovering'
  const checkpoints = stagedIsComplete ? [state.parityCheckpoint, state.parityCheckpoint + 1] : [state.parityCheckpoint]
  tellConductor(state, effects, { type: 'report', checkpoints })
}

function notePlan(state: CheckState, effects: CheckEffect[], { line, rebuild }: Plan): void {
  settle(state, effects, line)
  openHops(state, effects, rebuild, line)
  tellConductor(state, effects, { type: 'restored' })
}

function forget(state: CheckState): void {
  state.hops = []
  state.checksums = []
  state.staging = freshStaging()
}

/** The recovery has decided the commit under way: to `line`, which is the parity's checkpoint or the next. */
function settle(state: CheckState, effects: CheckEffect[], line: number): void {
  if (line === state.parityCheckpoint + 1) {
    applyStaged(state, effects)
    return
  }
  assert(line === state.parityCheckpoint, 'P4: the recovery line is held here')
  state.staging = freshStaging()
  effects.push({ type: 'dropStaged' })
}

/** The commit of the staged delta is decided: it becomes the parity. */
export function applyStaged(state: CheckState, effects: CheckEffect[]): void {
  state.parityCheckpoint += 1
  state.checksums = state.staging.checksums
  state.staging = freshStaging()
  effects.push({ type: 'applyStaged', checkpoint: state.parityCheckpoint })
}

function noteRebuilt(state: CheckState, effects: CheckEffect[], { line, checksums }: Rebuilding): void {
  state.mode = 'recovering'
  state.parityCheckpoint = line
  state.checksums = checksums
  state.rebuilding = null
  tellConductor(state, effects, { type: 'restored' })
}

function resume(state: CheckState): void {
  state.mode = 'running'
}
