/**
 * Asking for checkpoints, capturing them, and learning that they are committed.
 *
 * P1: a processor captures c + 1 only when c is committed, so no two ever differ by more than one.
 * P2: only what is committed is forgotten (`recycle`), and only output that is contained in it is released.
 */
import { assert } from '../../base/index.ts'
import { checkpointPlace } from '../places.ts'
import type { ApplicationEffect } from './events.ts'
import { encodeProcess } from './image.ts'
import { rulesOf } from './messages.ts'
import { type ApplicationState, isProtected } from './state.ts'

const urgency = { no: 0, due: 1, urgent: 2 }

/** Notes that a checkpoint is due, and asks the checkpoint processor for it unless that was done. */
export function requestCheckpoint(state: ApplicationState, effects: ApplicationEffect[], due: 'due' | 'urgent'): void {
  if (!isProtected(state)) return
  if (urgency[due] > urgency[state.due]) state.due = due
  if (state.suspended || urgency[state.due] <= urgency[state.asked]) return
  state.asked = state.due
  const request = { type: 'request', checkpoint: state.captured + 1, urgent: state.due === 'urgent' } as const
  effects.push({ type: 'send', to: checkpointPlace(state.options.rows[0]!), epoch: state.epoch, frame: request })
}

/** The checkpoint processor allows checkpoint `checkpoint`; taken at the next step boundary. */
export function noteGrant(state: ApplicationState, effects: ApplicationEffect[], checkpoint: number): void {
  if (checkpoint <= state.captured) return
  assert(checkpoint === state.captured + 1, 'P1: authorization is for the next checkpoint')
  // A grant is given only when its predecessor is committed, so it carries that news too.
  learnCommit(state, effects, state.captured)
  state.authorized = true
}

/** Captures the next checkpoint. The program is between steps. */
export function capture(state: ApplicationState, effects: ApplicationEffect[]): void {
  assert(!state.stepping, 'a capture falls between steps')
  assert(state.committed === state.captured, 'P1: the checkpoint before is committed')
  const checkpoint = state.captured + 1
  rulesOf(state).capture(state.process.log, checkpoint)
  state.captured = checkpoint
  state.due = 'no'
  state.asked = 'no'
  state.authorized = false
  effects.push({ type: 'capture', checkpoint, blobs: encodeProcess(state.process) })
  shipDelta(state, effects)
  effects.push({ type: 'armTimeout' })
}

export function shipDelta(state: ApplicationState, effects: ApplicationEffect[]): void {
  const to = state.options.rows.map(checkpointPlace)
  effects.push({ type: 'shipDelta', to, epoch: state.epoch, checkpoint: state.captured })
}

/** Checkpoint `checkpoint` is committed: frees what is older and releases the output that it contains. */
export function learnCommit(state: ApplicationState, effects: ApplicationEffect[], checkpoint: number): void {
  if (checkpoint <= state.committed) return
  assert(checkpoint === state.captured, 'P2: what is committed was captured here')
  state.committed = checkpoint
  effects.push({ type: 'recycle', checkpoint })
  releaseOutput(state, effects)
}

/** Sends the output that a committed checkpoint contains and that was not sent in this epoch (trap 10). */
export function releaseOutput(state: ApplicationState, effects: ApplicationEffect[]): void {
  const atOnce = !isProtected(state) || !state.options.rules.holdOutput
  const { outputs } = state.process
  const released = outputs[0] ? Math.max(0, state.releasedTo - outputs[0].index) : 0
  for (let at = released; at < outputs.length; at += 1) {
    const { index, kind, interval, payload } = outputs[at]!
    if (!atOnce && interval >= state.committed) break
    effects.push({
      type: 'send',
      to: 'conductor',
      epoch: state.epoch,
      frame: { type: 'output', index, kind, payload },
    })
    state.releasedTo = index + 1
  }
}
