/**
 * Sending, delivering and acknowledging messages.
 *
 * M1: a message is consumed when the step that asked for it begins; until then it is in transit.
 * M2: no message of a later interval is consumed before the receiver has captured too (trap 6).
 */
import { assert, type Rank } from '../../base/index.ts'
import { type LogRules, logRules, type SentEntry } from '../../log/index.ts'
import type { Frame } from '../frames.ts'
import { applicationPlace } from '../places.ts'
import type { ApplicationEffect } from './events.ts'
import { isInMailbox, putInMailbox } from './mailbox.ts'
import { type ApplicationState, type Arrived, isSynchronous } from './state.ts'

export function rulesOf(state: ApplicationState): LogRules {
  return logRules(state.options.rules.log)
}

/** Enters a message in the sent table and sends it. */
export function sendMessage(
  state: ApplicationState,
  effects: ApplicationEffect[],
  message: { readonly to: Rank; readonly tag: string; readonly payload: Uint8Array },
): void {
  const entry = rulesOf(state).send(state.process.log, { ...message, interval: state.captured })
  if (entry.to !== state.options.rank) state.flow.unconsumedBytes += costOf(state, entry)
  transmit(state, effects, entry)
}

/** Sends an entry of the sent table, for the first time or again; one to the process itself arrives at once. */
export function transmit(state: ApplicationState, effects: ApplicationEffect[], entry: SentEntry): void {
  const { to, sequence, interval, tag, payload } = entry
  if (to === state.options.rank) arrive(state, effects, { from: to, sequence, interval, tag, payload })
  else effects.push(toRank(state, to, { type: 'message', sequence, interval, tag, payload }))
}

/** A message has arrived: into the mailbox, unless it was consumed before or lies there already. */
export function arrive(state: ApplicationState, effects: ApplicationEffect[], message: Arrived): void {
  if (rulesOf(state).wasConsumed(state.process.log, message.from, message.sequence)) {
    acknowledge(state, effects, message)
  } else {
    if (isSynchronous(state)) checkInterval(state, message)
    putInMailbox(state.mailbox, message)
  }
}

/** S1 and S2: what arrives for the first time was sent in the interval that its receiver is in. */
function checkInterval({ captured, mailbox }: ApplicationState, { from, sequence, interval }: Arrived): void {
  const isRepetition = interval !== captured && isInMailbox(mailbox, from, sequence)
  assert(interval === captured || isRepetition, 'S1 and S2: no message crosses a synchronous checkpoint')
}

/** Enters a message in the receipt table and tells its sender in which interval it was consumed. */
export function consume(state: ApplicationState, effects: ApplicationEffect[], message: Arrived): void {
  if (state.options.rules.captureBeforeLaterInterval) {
    assert(message.interval <= state.captured, 'M2: nothing of a later interval is consumed')
  }
  rulesOf(state).consume(state.process.log, message.from, message.sequence)
  acknowledge(state, effects, message)
}

/** `to` has consumed one of our messages in its interval `consumedIn`. */
export function noteAck(state: ApplicationState, to: Rank, sequence: number, consumedIn: number): void {
  const ack = { to, sequence, consumedIn, captured: state.captured }
  const entry = rulesOf(state).acknowledge(state.process.log, ack)
  if (!entry || to === state.options.rank) return
  const { flow, options, captured } = state
  const bytes = costOf(state, entry)
  flow.unconsumedBytes -= bytes
  // Elsewhere an acknowledgement says nothing of captures.
  const tellsOfCaptures = options.rules.captureBeforeLaterInterval && !isSynchronous(state)
  if (tellsOfCaptures && consumedIn > captured) flow.aheadBytes += bytes
}

/** What a message or output that is kept counts for. */
export function costOf({ options }: ApplicationState, { payload }: Pick<SentEntry, 'payload'>): number {
  return payload.byteLength + options.rowBytes
}

export function toRank(state: ApplicationState, rank: Rank, frame: Frame): ApplicationEffect {
  return { type: 'send', to: applicationPlace(rank), epoch: state.epoch, frame }
}

function acknowledge(state: ApplicationState, effects: ApplicationEffect[], { from, sequence }: Arrived): void {
  if (from === state.options.rank) noteAck(state, from, sequence, state.captured)
  else effects.push(toRank(state, from, { type: 'ack', sequence, interval: state.captured }))
}
