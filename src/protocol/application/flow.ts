/**
 * Flow control: how much a process may hold of what others, or the outside world, have yet to take from it.
 *
 * B1: no step begins with more than `logBytesMax` sent and not consumed, unless a receiver has said since the step before
 *     that it is stuck; nor with more than twice that, unless all have who have yet to consume some.
 * B2: no step begins with more than `logBytesMax` of what goes only with a checkpoint: output that the outside world has
 *     not taken, and messages that were consumed in the interval after ours, which our next checkpoint must hold.
 * B3: stuck is who waits for a message that is not there; and, once after each step of its own, who is held by B1. So
 *     whoever waits for an answer waits for one whose last step is older than its own, and nobody in a circle. Who is held
 *     by B2, or may not capture, does not say so: it goes on by itself, and its senders can wait. A capture never does.
 */
import type { Rank } from '../../base/index.ts'
import type { SentEntry } from '../../log/index.ts'
import { captureToo, requestCheckpoint } from './checkpointing.ts'
import type { ApplicationEffect } from './events.ts'
import { costOf, toRank } from './messages.ts'
import { type ApplicationState, type Flow, freshFlow } from './state.ts'

/** B1. Receivers that have yet to consume some are asked how they are. */
export function waitsForReceivers(state: ApplicationState, effects: ApplicationEffect[]): boolean {
  const { flow, options, process } = state
  if (flow.unconsumedBytes <= options.logBytesMax || process.waiting.kind === 'finished') return false
  const isFarTooMuch = flow.unconsumedBytes > 2 * options.logBytesMax
  if (flow.stuck.size > 0 && !isFarTooMuch) return false
  let isAnyBusy = false
  for (const [to, entries] of process.log.sent) {
    if (to === options.rank || flow.stuck.has(to)) continue
    const isAsked = flow.pressing.has(to)
    if (!isAsked && !entries.some(({ consumedIn }) => consumedIn === null)) continue
    isAnyBusy = true
    if (isAsked) continue
    flow.pressing.add(to)
    effects.push(toRank(state, to, { type: 'pressed' }))
  }
  return isAnyBusy
}

/** B2: whether too much waits for a checkpoint. */
export function holdsTooMuch({ flow, options }: ApplicationState): boolean {
  return uncommittedBytes(flow) > options.logBytesMax
}

/** B2. A checkpoint that holds what was consumed ahead is captured if that is allowed, and asked for if output needs one. */
export function waitsForCommit(state: ApplicationState, effects: ApplicationEffect[]): boolean {
  const { flow, process } = state
  if (!holdsTooMuch(state) || process.waiting.kind === 'finished') return false
  if (flow.aheadBytes > 0 && !state.suspended) captureToo(state, effects)
  if (!holdsTooMuch(state)) return false
  const isUncaptured = process.outputs.at(-1)?.interval === state.captured
  if (isUncaptured) requestCheckpoint(state, effects, 'urgent')
  return true
}

/** Bytes that go only with a checkpoint. */
export function uncommittedBytes({ aheadBytes, outputBytes }: Flow): number {
  return aheadBytes + outputBytes
}

/** B3: nothing can be done here until a message comes; senders that wait for us may go on. */
export function answerAll(state: ApplicationState, effects: ApplicationEffect[]): void {
  for (const from of state.flow.pressedBy) effects.push(toRank(state, from, { type: 'stuck' }))
  state.flow.pressedBy.clear()
}

/** B3: held by B1. */
export function answerOnce(state: ApplicationState, effects: ApplicationEffect[]): void {
  const { pressedBy, answered } = state.flow
  for (const from of pressedBy) {
    if (answered.has(from)) continue
    answered.add(from)
    pressedBy.delete(from)
    effects.push(toRank(state, from, { type: 'stuck' }))
  }
}

/** A receiver will consume nothing more unless somebody goes on. */
export function noteStuck({ pressing, stuck }: Flow, from: Rank): void {
  if (pressing.delete(from)) stuck.add(from)
}

/** A step begins: who was stuck may not be any more, and who is told so by us after it is told anew. */
export function forgetStuck({ flow }: ApplicationState): void {
  flow.stuck.clear()
  flow.answered.clear()
}

/** Frames are void in a new epoch, and so is what they have said. */
export function forgetAnswers(state: ApplicationState): void {
  forgetStuck(state)
  state.flow.pressing.clear()
  state.flow.pressedBy.clear()
}

/** The flow of a process that has gone back: nothing that was consumed ahead of the recovery line is any more. */
export function flowAfterRollback(state: ApplicationState, unconsumed: readonly SentEntry[]): Flow {
  const flow = freshFlow()
  for (const entry of unconsumed) if (entry.to !== state.options.rank) flow.unconsumedBytes += costOf(state, entry)
  for (const output of state.process.outputs) flow.outputBytes += costOf(state, output)
  return flow
}
