import { capture, captureToo } from './checkpointing.ts'
import type { ApplicationEffect } from './events.ts'
import {
  answerAll,
  answerOnce,
  forgetStuck,
  holdsTooMuch,
  uncommittedBytes,
  waitsForCommit,
  waitsForReceivers,
} from './flow.ts'
import { beginFreeze, isDrained, noteOwnCapture } from './freeze.ts'
import { matchMailbox, takeFromMailbox } from './mailbox.ts'
import { consume } from './messages.ts'
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
    const deliveries = allowedDeliveries(state, effects)
    if (!deliveries) return
    for (const message of deliveries) {
      takeFromMailbox(state.mailbox, message)
      consume(state, effects, message)
    }
    // A finished process only takes what still comes, so that no sender's log keeps it.
    if (state.process.waiting.kind !== 'finished') beginStep(state, effects, deliveries)
  }
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

/** What the next step is given; null: there is nothing, or it has to wait. Who waits for our answer may get one (B3). */
function allowedDeliveries(state: ApplicationState, effects: ApplicationEffect[]): readonly Arrived[] | null {
  const deliveries = nextDeliveries(state)
  if (!deliveries) {
    answerAll(state, effects)
    return null
  }
  if (waitsForReceivers(state, effects)) {
    answerOnce(state, effects)
    return null
  }
  if (waitsForCommit(state, effects) || !captureBefore(state, effects, deliveries)) return null
  return deliveries
}

/** Bytes that have to be committed before the process can go on (B2); 0 where it does not wait for that. */
export function heldBytes(state: ApplicationState): number {
  const { mode, stepping, process, flow } = state
  if (mode !== 'running' || stepping || process.waiting.kind === 'finished' || !holdsTooMuch(state)) return 0
  return nextDeliveries(state) ? uncommittedBytes(flow) : 0
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
  forgetStuck(state)
  effects.push({ type: 'runStep', first, deliveries })
}

/** Trap 6: captures first if a message is of a later interval. False: it must, and may not yet. */
function captureBefore(state: ApplicationState, effects: ApplicationEffect[], deliveries: readonly Arrived[]): boolean {
  const { options, captured } = state
  if (!options.rules.captureBeforeLaterInterval) return true
  if (deliveries.every((message) => message.interval <= captured)) return true
  if (state.suspended) return false
  captureToo(state, effects)
  return true
}
