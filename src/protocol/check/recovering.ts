/**
 * A check processor's part in a recovery: it settles the commit that was under way, gives its parity to whoever is
 * rebuilt from it, or is rebuilt itself.
 *
 * C1: parity and staged delta of the checkpoint being taken are kept apart until the commit is decided.
 */
import { assert } from '../../base/index.ts'
import { freshRebuilding, isEarly, noteImage, openLinks } from '../chain.ts'
import type { Frame, Rebuild } from '../frames.ts'
import { type CheckEffect, type CheckEvent, type CheckState, freshStaging } from './state.ts'

type Received = Extract<CheckEvent, { type: 'frame' }>

/** Everything that recovery and epochs need. Returns what is left for the processor's own work, in order. */
export function receive(
  state: CheckState,
  effects: CheckEffect[],
  received: Received,
  stagedIsComplete: () => boolean,
): Received[] {
  const { epoch, from, frame } = received
  if (frame.type === 'recover') {
    if (epoch <= state.epoch) return []
    state.epoch = epoch
    noteRecover(state, effects, stagedIsComplete())
    return takeHeld(state, effects, stagedIsComplete)
  }
  if (state.options.rules.checkEpoch && epoch < state.epoch) return []
  if (epoch > state.epoch || mustWait(state, frame)) {
    state.held.push(received)
    return []
  }
  switch (frame.type) {
    case 'plan':
      notePlan(state, effects, frame.line, frame.rebuild)
      return takeHeld(state, effects, stagedIsComplete)
    case 'resume':
      state.mode = 'running'
      return takeHeld(state, effects, stagedIsComplete)
    case 'image':
    case 'imageEnd':
      if (noteImage(state, effects, from, frame, state.parity)) finishRebuild(state, effects)
      return []
    default:
      return [received]
  }
}

function mustWait(state: CheckState, frame: Frame): boolean {
  if (frame.type === 'plan' || frame.type === 'resume') return false
  if (frame.type === 'image' || frame.type === 'imageEnd') return isEarly(state, frame)
  return state.mode !== 'running'
}

function takeHeld(state: CheckState, effects: CheckEffect[], stagedIsComplete: () => boolean): Received[] {
  const held = state.held
  state.held = []
  return held.flatMap((one) => receive(state, effects, { type: 'frame', ...one }, stagedIsComplete))
}

function noteRecover(state: CheckState, effects: CheckEffect[], stagedComplete: boolean): void {
  state.rebuilding = null
  state.links = null
  state.planned = false
  if (state.mode === 'newcomer') return
  state.mode = 'recovering'
  const checkpoints = stagedComplete ? [state.parity, state.parity + 1] : [state.parity]
  tellConductor(state, effects, { type: 'report', checkpoints })
}

function notePlan(state: CheckState, effects: CheckEffect[], line: number, rebuild: readonly Rebuild[]): void {
  if (state.planned) return
  state.planned = true
  const own = rebuild.find((one) => one.target === state.place)
  if (own) {
    state.mode = 'newcomer'
    state.rebuilding = freshRebuilding(line, own)
    state.links = []
    state.checksums = []
    state.staging = freshStaging()
    effects.push({ type: 'clear' })
    finishRebuild(state, effects)
    return
  }
  settle(state, effects, line)
  openLinks(state, effects, rebuild, line)
  tellConductor(state, effects, { type: 'restored' })
}

/** The recovery has decided the commit under way: to `line`, which is the parity's checkpoint or the next. */
function settle(state: CheckState, effects: CheckEffect[], line: number): void {
  if (line === state.parity + 1) {
    applyStaged(state, effects)
    return
  }
  assert(line === state.parity, 'C1: the recovery line is held here')
  state.staging = freshStaging()
  effects.push({ type: 'dropStaged' })
}

/** The commit of the staged delta is decided: it becomes the parity. */
export function applyStaged(state: CheckState, effects: CheckEffect[]): void {
  state.parity += 1
  state.checksums = state.staging.checksums
  state.staging = freshStaging()
  effects.push({ type: 'applyStaged', checkpoint: state.parity })
}

function finishRebuild(state: CheckState, effects: CheckEffect[]): void {
  const { rebuilding } = state
  if (!rebuilding?.ended) return
  state.mode = 'recovering'
  state.parity = rebuilding.line
  state.checksums = rebuilding.checksums
  state.rebuilding = null
  tellConductor(state, effects, { type: 'restored' })
}

export function tellConductor(state: CheckState, effects: CheckEffect[], frame: Frame): void {
  effects.push({ type: 'send', to: 'conductor', epoch: state.epoch, frame })
}

/** This processor was replaced: nothing it does counts any more. */
export function fence(state: CheckState): void {
  state.mode = 'fenced'
}
