/**
 * The checkpoint processor of a check row: authorizes, gathers the deltas, decides the commit together with the others.
 *
 * P1: checkpoint c + 1 is authorized only when g = c.
 * P3: g moves only when everything is held twice: by every row's backup processor too, or by the process it copies.
 */
import { assert, type Rank } from '../../base/index.ts'
import type { Frame } from '../frames.ts'
import { applicationPlace, type Place, rankOfSender } from '../places.ts'
import { applyStaged, receivingPart, report } from './recovering.ts'
import { type CheckEffect, type CheckpointState, noteArrival } from './state.ts'

export const checkpointPart = receivingPart<CheckpointState>({
  recover(state, effects, recover) {
    state.waiting.clear()
    beginInterval(state)
    report(state, effects, recover, isComplete(state))
  },
  handle,
})

function handle(state: CheckpointState, effects: CheckEffect[], from: Place, frame: Frame): void {
  switch (frame.type) {
    case 'request':
      authorize(state, effects, rankOfSender(from), frame.checkpoint, frame.urgent)
      return
    case 'delta': {
      const coefficient = coefficientOf(state, from)
      if (!isExpected(state, effects, frame.checkpoint)) return
      if (noteArrival(state.staging.senders, from, { number: frame.part }, state.options.rules.applyDeltasOnce)) {
        effects.push({ type: 'stage', batch: frame.batch, coefficient })
      }
      return
    }
    case 'deltaEnd':
      if (!isExpected(state, effects, frame.checkpoint)) return
      if (!noteArrival(state.staging.senders, from, { parts: frame.parts }, true)) return
      if (state.options.rules.captureInTurn) {
        grantNext(state, effects)
        tellBegun(state, effects, null)
      }
      state.staging.checksums.push({ rank: rankOfSender(from), sums: frame.checksums })
      if (isComplete(state)) holdTwice(state, effects)
      return
    case 'held':
      if (!isExpected(state, effects, frame.checkpoint)) return
      state.holders.add(from)
      decide(state, effects)
      return
    case 'begun':
      if (!isExpected(state, effects, frame.checkpoint)) return
      if (isUntouched(state)) grantNext(state, effects)
      tellBegun(state, effects, from)
      return
    case 'hurry':
      if (isExpected(state, effects, frame.checkpoint)) hurry(state, effects, from)
      return
    case 'commit':
      if (frame.checkpoint > state.parityCheckpoint) commit(state, effects, frame.checkpoint)
      return
    default:
      throw new Error(`the checkpoint processor got a frame that is not for it: ${frame.type} from ${from}`)
  }
}

/**
 * Whether `checkpoint` is the one that is being taken. Nobody begins with it before the one before is committed, so
 * this may be the first news of a commit that was decided further up in the tree.
 */
function isExpected(state: CheckpointState, effects: CheckEffect[], checkpoint: number): boolean {
  if (checkpoint - 1 > state.parityCheckpoint) commit(state, effects, checkpoint - 1)
  return checkpoint === state.parityCheckpoint + 1
}

/** Grants checkpoint g + 1 at once; holds a request for g + 2, and hurries those that lag. */
function authorize(
  state: CheckpointState,
  effects: CheckEffect[],
  rank: Rank,
  checkpoint: number,
  urgent: boolean,
): void {
  // Only a processor that has captured c - 1 asks for c, and it was allowed to since c - 2 is committed.
  if (checkpoint - 2 > state.parityCheckpoint) commit(state, effects, checkpoint - 2)
  // A message from a later interval has made it capture meanwhile.
  if (checkpoint <= state.parityCheckpoint) return
  if (checkpoint === state.parityCheckpoint + 1) {
    grant(state, effects, rank)
    if (urgent) hurry(state, effects, null)
    return
  }
  state.waiting.set(rank, urgent || state.waiting.get(rank) === true)
  hurry(state, effects, null)
}

function grant(state: CheckpointState, effects: CheckEffect[], rank: Rank): void {
  if (state.granted.has(rank)) return
  state.granted.add(rank)
  send(state, effects, applicationPlace(rank), { type: 'grant', checkpoint: state.parityCheckpoint + 1 })
}

/** Nobody here has been allowed to capture g + 1. */
function isUntouched({ granted, staging: { senders } }: CheckpointState): boolean {
  return granted.size === 0 && senders.size === 0
}

/**
 * Captures follow one another: when all of one processor's delta is here, the next one shall capture. So a commit waits
 * for nobody's timer, and no capture has to share the cores with what is shipped, unless its own time has come.
 */
function grantNext(state: CheckpointState, effects: CheckEffect[]): void {
  const next = uncaptured(state).find((rank) => !state.granted.has(rank))
  if (next !== undefined) grant(state, effects, next)
}

/** Has the other rows begin, too, whatever those who are allowed to capture here still have to do. */
function tellBegun(state: CheckpointState, effects: CheckEffect[], from: Place | null): void {
  if (state.spread === 'no') tellOthers(state, effects, 'begun', from)
}

/**
 * Tells everybody who has not captured g + 1 to do so at the next step boundary, and has the other rows do the same.
 */
function hurry(state: CheckpointState, effects: CheckEffect[], from: Place | null): void {
  for (const rank of uncaptured(state)) grant(state, effects, rank)
  if (state.spread !== 'hurry') tellOthers(state, effects, 'hurry', from)
}

function uncaptured({ options: { wards }, staging: { senders } }: CheckpointState): Rank[] {
  return wards.filter((rank) => !senders.has(applicationPlace(rank)))
}

function tellOthers(state: CheckpointState, effects: CheckEffect[], type: 'begun' | 'hurry', from: Place | null): void {
  state.spread = type
  for (const to of state.options.hurries) {
    if (to !== from) send(state, effects, to, { type, checkpoint: state.parityCheckpoint + 1 })
  }
}

function isComplete({ staging: { senders }, options: { coefficients } }: CheckpointState): boolean {
  return senders.size === coefficients.size && [...senders.values()].every(({ ended }) => ended)
}

/** All of the delta is here. Where there is no backup processor, the row's process holds it too. */
function holdTwice(state: CheckpointState, effects: CheckEffect[]): void {
  const { epoch, staging, parityCheckpoint: parity, options } = state
  const { checksums } = staging
  if (options.backup === null) decide(state, effects)
  else effects.push({ type: 'shipMerged', to: options.backup, epoch, checkpoint: parity + 1, checksums })
}

/** P3: tells the next above when all from here on down is held; the root decides the commit. */
function decide(state: CheckpointState, effects: CheckEffect[]): void {
  const { parent } = state.options
  if (!isComplete(state) || !below(state).every((place) => state.holders.has(place))) return
  if (parent === null) commit(state, effects, state.parityCheckpoint + 1)
  else send(state, effects, parent, { type: 'held', checkpoint: state.parityCheckpoint + 1 })
}

/** Who reports to this processor what is held. */
function below({ options: { backup, children } }: CheckpointState): readonly Place[] {
  return backup === null ? children : [backup, ...children]
}

/** The commit of checkpoint g + 1 is decided: it is applied, and told to all who learn of it from here. */
function commit(state: CheckpointState, effects: CheckEffect[], checkpoint: number): void {
  assert(checkpoint === state.parityCheckpoint + 1, 'P1: nobody is more than one checkpoint ahead')
  assert(isComplete(state), 'P3: the backup processor holds what was gathered here')
  applyStaged(state, effects)
  beginInterval(state)
  const frame = { type: 'commit', checkpoint } as const
  for (const to of [...state.options.wards.map(applicationPlace), ...below(state)]) send(state, effects, to, frame)
  const waiting = [...state.waiting]
  state.waiting.clear()
  for (const [rank, urgent] of waiting) authorize(state, effects, rank, state.parityCheckpoint + 1, urgent)
}

function beginInterval(state: CheckpointState): void {
  state.granted.clear()
  state.holders.clear()
  state.spread = 'no'
}

function send(state: CheckpointState, effects: CheckEffect[], to: Place, frame: Frame): void {
  effects.push({ type: 'send', to, epoch: state.epoch, frame })
}

function coefficientOf(state: CheckpointState, from: Place): number {
  const coefficient = state.options.coefficients.get(rankOfSender(from))
  assert(coefficient !== undefined, 'deltas come from those that this row protects')
  return coefficient
}
