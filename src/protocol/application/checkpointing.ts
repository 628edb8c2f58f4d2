/**
 * Asking for checkpoints, capturing them, and learning that they are committed.
 *
 * P1: a processor captures c + 1 only when c is committed, so no two ever differ by more than one.
 * P2: only what is committed is forgotten (`recycle`), and only output that is contained in it is released.
 */
import { assert } from '../../base/index.ts'
import { checkpointPlace } from '../places.ts'
import type { ApplicationEffect } from './events.ts'
import { callToFreeze, thaw } from './freeze.ts'
import { encodeMailbox } from './mailbox-blobs.ts'
import { rulesOf } from './messages.ts'
import { encodeProcess } from './process-blobs.ts'
import { type ApplicationState, isOnDiskAlone, isProtected, isSynchronous } from './state.ts'
import { markOutput, storeIfDue } from './storing.ts'

const urgency = { no: 0, due: 1, urgent: 2 }

/** Notes that a checkpoint is due, and asks whoever authorizes it unless that was done. */
export function requestCheckpoint(state: ApplicationState, effects: ApplicationEffect[], due: 'due' | 'urgent'): void {
  // The checkpoint that all are frozen for, or about to be, is the one.
  if (!isProtected(state) || state.freeze) return
  // All freeze for it, so it is urgent for all.
  const wanted = isSynchronous(state) ? 'urgent' : due
  if (urgency[wanted] > urgency[state.due]) state.due = wanted
  if (state.suspended || urgency[state.due] <= urgency[state.asked]) return
  state.asked = state.due
  const request = { type: 'request', checkpoint: state.captured + 1, urgent: state.due === 'urgent' } as const
  const to = isOnDiskAlone(state) ? 'conductor' : checkpointPlace(state.options.rows[0]!)
  effects.push({ type: 'send', to, epoch: state.epoch, frame: request })
}

/** A checkpoint is authorized only when the one before is committed, so whatever tells of that carries this news too. */
export function learnCommitBefore(state: ApplicationState, effects: ApplicationEffect[], checkpoint: number): void {
  if (checkpoint > state.captured) learnCommit(state, effects, checkpoint - 1)
}

/** Whoever authorizes it allows checkpoint `checkpoint`; taken at the next step boundary. */
export function noteGrant(state: ApplicationState, checkpoint: number): void {
  if (checkpoint <= state.captured) return
  assert(checkpoint === state.captured + 1, 'P1: authorization is for the next checkpoint')
  if (isSynchronous(state)) callToFreeze(state, checkpoint)
  else state.authorized = true
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
  state.flow.aheadBytes = 0
  markOutput(state, checkpoint)
  effects.push({ type: 'capture', checkpoint, blobs: encodeBlobs(state) })
  if (isOnDiskAlone(state)) storeIfDue(state, effects)
  else shipDelta(state, effects)
  if (!state.freeze) effects.push({ type: 'armTimeout' })
}

/** Another process has captured already: so this one is allowed to, too, and the checkpoint before is committed. */
export function captureToo(state: ApplicationState, effects: ApplicationEffect[]): void {
  learnCommit(state, effects, state.captured)
  capture(state, effects)
}

/** What is in transit lies in its sender's log, or, where nothing is logged, in its receiver's mailbox (S1). */
function encodeBlobs(state: ApplicationState): Map<string, Uint8Array> {
  const { process, mailbox } = state
  if (!isSynchronous(state)) return encodeProcess(process)
  const unlogged = { ...process, log: { ...process.log, sent: new Map() } }
  return new Map([...encodeProcess(unlogged), ...encodeMailbox(mailbox)])
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
  storeIfDue(state, effects)
  releaseOutput(state, effects)
  if (state.freeze) thaw(state, effects)
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
