/**
 * The synchronous checkpoint of Plank and Li, as one processor takes part in it: it freezes at its next step boundary,
 * tells every other what it has sent them so far, captures when all of that has arrived from everybody, and goes on when
 * the checkpoint is committed, or, if so chosen, when all have captured. What has arrived and was not consumed is part
 * of the checkpoint; nothing is logged.
 *
 * S1: what was sent before a checkpoint has arrived when its receiver captures, so nothing crosses the checkpoint.
 * S2: what is sent after a checkpoint arrives only where that checkpoint was captured.
 * S3: between freeze and thaw no step begins and nothing is consumed.
 * S4: between two freezes every process that can take a step takes one, however often checkpoints are asked for.
 */
import { assert, type Rank } from '../../base/index.ts'
import type { Frame } from '../frames.ts'
import type { ApplicationEffect } from './events.ts'
import { isInMailbox } from './mailbox.ts'
import { rulesOf, toRank } from './messages.ts'
import type { ApplicationState, Freeze } from './state.ts'

/** Everybody shall take this checkpoint now. */
export function callToFreeze(state: ApplicationState, checkpoint: number): void {
  state.freeze ??= {
    checkpoint,
    phase: 'called',
    markers: new Map(),
    drainedFrom: new Set(),
    capturedBy: new Set(),
  }
}

/** The program is between steps, and stays there. */
export function beginFreeze(state: ApplicationState, effects: ApplicationEffect[], freeze: Freeze): void {
  freeze.phase = 'draining'
  effects.push({ type: 'freeze', checkpoint: freeze.checkpoint })
  sendMarkers(state, effects, freeze)
}

function sendMarkers(state: ApplicationState, effects: ApplicationEffect[], { checkpoint }: Freeze): void {
  for (const rank of others(state)) {
    const messages = state.process.log.nextSequence.get(rank) ?? 0
    effects.push(toRank(state, rank, { type: 'marker', checkpoint, messages }))
  }
}

/** Another processor is frozen, and says how much it has sent. */
export function noteMarker(
  { freeze }: ApplicationState,
  from: Rank,
  { checkpoint, messages }: Extract<Frame, { type: 'marker' }>,
): void {
  if (freeze?.checkpoint === checkpoint) freeze.markers.set(from, messages)
}

/** Whether everything has arrived that was sent here before the others froze (S1). */
export function isDrained(state: ApplicationState, { markers, drainedFrom }: Freeze): boolean {
  for (const [from, messages] of markers) {
    if (!drainedFrom.has(from) && hasArrived(state, from, messages)) drainedFrom.add(from)
  }
  return drainedFrom.size === state.options.processes - 1
}

/** Whether all messages of the channel below this sequence number are here. */
function hasArrived(state: ApplicationState, from: Rank, messages: number): boolean {
  const { log } = state.process
  for (let sequence = log.received.get(from)?.watermark ?? 0; sequence < messages; sequence += 1) {
    const isHere = isInMailbox(state.mailbox, from, sequence) || rulesOf(state).wasConsumed(log, from, sequence)
    if (!isHere) return false
  }
  return true
}

/** The checkpoint is captured here; where all wait for nothing else, the others are told. */
export function noteOwnCapture(state: ApplicationState, effects: ApplicationEffect[], freeze: Freeze): void {
  freeze.phase = 'captured'
  if (state.options.rules.coordination !== 'resume-after-capture') return
  for (const rank of others(state)) {
    effects.push(toRank(state, rank, { type: 'captured', checkpoint: freeze.checkpoint }))
  }
  thawWhenAllCaptured(state, effects)
}

/** Another processor has captured. */
export function noteOtherCapture(
  state: ApplicationState,
  effects: ApplicationEffect[],
  from: Rank,
  checkpoint: number,
): void {
  if (state.freeze?.checkpoint !== checkpoint) return
  state.freeze.capturedBy.add(from)
  thawWhenAllCaptured(state, effects)
}

function thawWhenAllCaptured(state: ApplicationState, effects: ApplicationEffect[]): void {
  const { freeze, options } = state
  if (freeze?.phase === 'captured' && freeze.capturedBy.size === options.processes - 1) thaw(state, effects)
}

/** The checkpoint is over here: the program goes on, and the time to the next one begins. */
export function thaw(state: ApplicationState, effects: ApplicationEffect[]): void {
  const { freeze } = state
  assert(freeze?.phase === 'captured', 'S3: whoever is frozen captures before it goes on')
  state.freeze = null
  effects.push({ type: 'thaw', checkpoint: freeze.checkpoint }, { type: 'armTimeout' })
}

/**
 * The epoch has changed, but nobody goes back: markers that were under way are gone. So is who has captured, but that is
 * not told again: once the machine is whole the commit comes, which thaws too.
 */
export function repeatFreeze(state: ApplicationState, effects: ApplicationEffect[]): void {
  const { freeze } = state
  if (freeze && freeze.phase !== 'called') sendMarkers(state, effects, freeze)
}

function others({ options }: ApplicationState): Rank[] {
  return Array.from({ length: options.processes }, (_, rank) => rank).filter((rank) => rank !== options.rank)
}
