import { capture, learnCommit } from './checkpointing.ts'
import type { ApplicationEffect } from './events.ts'
import { beginFreeze, isDrained, noteOwnCapture } from './freeze.ts'
import { matchMailbox, takeFromMailbox } from './mailbox.ts'
import { consume, toRank } from './messages.ts'
import type { ApplicationState, Arrived } from './state.ts'

/**
 * What a processor does between steps: capture if that is authorized, then begin the next step if what it asked for
 * is there. Called after every event; a processor that waits for a message is between steps, so it can always capture.
 */
export function advance(state: ApplicationState, effects: ApplicationEffect[]): void {
  if (state.mode !== 'running') return
  while (!state.stepping) {
    if (isFrozen(state, effects)) return
    if (state.authorized && !state.suspended) capture(state, effects)
    const deliveries = nextDeliveries(state)
    if (!deliveries || isHeldBack(state, effects)) break
    if (!captureBefore(state, effects, deliveries)) break
    for (const message of deliveries) {
      takeFromMailbox(state.mailbox, message)
      consume(state, effects, message)
    }
    // A finished process only takes what still comes, so that no sender's log keeps it.
    if (state.process.waiting.kind !== 'finished') beginStep(state, effects, deliveries)
  }
  if (!state.stepping) answerPressed(state, effects)
}

/** Whether nothing goes on here but a synchronous checkpoint (S3). */
function isFrozen(state: ApplicationState, effects: ApplicationEffect[]): boolean {
  const { freeze } = state
  if (!freeze) return false
  if (freeze.phase === 'called') beginFreeze(state, effects, freeze)
  if (freeze.phase === 'draining' && !state.suspended && isDrained(state, freeze)) {
    capture(state, effects)
    noteOwnCapture(state, effects, freeze)
  }
  return state.freeze !== null
}

/** What the next step would be given, or null when there is nothing to do yet. */
function nextDeliveries(state: ApplicationState): readonly Arrived[] | null {
  const { waiting } = state.process
  if (waiting.kind === 'receive') return matchMailbox(state.mailbox, waiting.patterns)
  if (waiting.kind !== 'finished') return []
  return matchMailbox(state.mailbox, [{ from: null, tag: null }])
}

function beginStep(state: ApplicationState, effects: ApplicationEffect[], deliveries: readonly Arrived[]): void {
  const first = state.process.waiting.kind === 'start'
  state.stepping = true
  state.flow.allowed = false
  effects.push({ type: 'runStep', first, deliveries })
}

/** Trap 6: captures first if a message is of a later interval. False: it must, and may not yet. */
function captureBefore(state: ApplicationState, effects: ApplicationEffect[], deliveries: readonly Arrived[]): boolean {
  const { options, captured } = state
  if (!options.rules.captureBeforeLaterInterval) return true
  if (deliveries.every((message) => message.interval <= captured)) return true
  if (state.suspended) return false
  // Its sender was allowed to capture, so this processor is too, and the checkpoint before is committed.
  learnCommit(state, effects, captured)
  capture(state, effects)
  return true
}

/**
 * Whether the next step has to wait because too much that was sent is not consumed. The receivers are told; one that
 * will consume nothing more without us answers `stuck`, which allows one step, so that nothing deadlocks.
 */
function isHeldBack(state: ApplicationState, effects: ApplicationEffect[]): boolean {
  const { flow, options, process } = state
  if (flow.unconsumedBytes <= options.logBytesMax || flow.allowed || process.waiting.kind === 'finished') return false
  for (const [to, entries] of process.log.sent) {
    if (to === options.rank || flow.pressing.has(to)) continue
    if (!entries.some((entry) => entry.consumedIn === null)) continue
    flow.pressing.add(to)
    effects.push(toRank(state, to, { type: 'pressed' }))
  }
  return true
}

/** Nothing can be done here: senders that wait for us may go on. */
function answerPressed(state: ApplicationState, effects: ApplicationEffect[]): void {
  for (const from of state.flow.pressedBy) effects.push(toRank(state, from, { type: 'stuck' }))
  state.flow.pressedBy.clear()
}
