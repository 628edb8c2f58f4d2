/**
 * The checkpoint processor: authorizes, gathers the deltas, decides the commit.
 *
 * P1: checkpoint c + 1 is authorized only when g = c.
 * P3: g moves only when the backup processor holds the delta too.
 */
import { assert, type Rank } from '../../base/index.ts'
import type { Checksums } from '../../parity/index.ts'
import type { Frame } from '../frames.ts'
import { applicationPlace, backupPlace, type Place, rankOf } from '../places.ts'
import { applyStaged, fence, receive } from './recovering.ts'
import { type CheckEffect, type CheckEvent, type CheckpointState, noteArrival } from './state.ts'

/** One event of the checkpoint processor: changes its state and returns what is to be done, in order. */
export function stepCheckpoint(state: CheckpointState, event: CheckEvent): CheckEffect[] {
  const effects: CheckEffect[] = []
  if (state.mode === 'fenced') return effects
  if (event.type === 'fenced') {
    fence(state)
    return effects
  }
  if (event.frame.type === 'recover' && event.epoch > state.epoch) {
    state.granted.clear()
    state.waiting.clear()
  }
  for (const { from, frame } of receive(state, effects, event, () => isComplete(state)))
    handle(state, effects, from, frame)
  return effects
}

function handle(state: CheckpointState, effects: CheckEffect[], from: Place, frame: Frame): void {
  switch (frame.type) {
    case 'request':
      authorize(state, effects, rankOfSender(from), frame.checkpoint, frame.urgent)
      return
    case 'delta':
      if (frame.checkpoint !== state.parity + 1) return
      if (noteArrival(state.staging.senders, from, { number: frame.part }, state.rules.applyDeltasOnce)) {
        effects.push({ type: 'stage', batch: frame.batch })
      }
      return
    case 'deltaEnd':
      if (frame.checkpoint !== state.parity + 1) return
      if (!noteArrival(state.staging.senders, from, { parts: frame.parts }, true)) return
      state.staging.checksums[rankOfSender(from)] = frame.checksums
      if (isComplete(state)) shipMerged(state, effects)
      return
    case 'held':
      if (frame.checkpoint === state.parity + 1) commit(state, effects)
      return
    default:
      throw new Error(`the checkpoint processor got a frame that is not for it: ${frame.type} from ${from}`)
  }
}

/** Grants checkpoint g + 1 at once; holds a request for g + 2, and hurries those that lag. */
function authorize(
  state: CheckpointState,
  effects: CheckEffect[],
  rank: Rank,
  checkpoint: number,
  urgent: boolean,
): void {
  // It captured meanwhile, made to by a message from a later interval.
  if (checkpoint <= state.parity) return
  if (checkpoint === state.parity + 1) {
    grant(state, effects, rank)
    if (urgent) hurry(state, effects)
    return
  }
  assert(checkpoint === state.parity + 2, 'P1: nobody is more than one checkpoint ahead')
  state.waiting.set(rank, urgent || state.waiting.get(rank) === true)
  hurry(state, effects)
}

function grant(state: CheckpointState, effects: CheckEffect[], rank: Rank): void {
  if (state.granted.has(rank)) return
  state.granted.add(rank)
  send(state, effects, applicationPlace(rank), { type: 'grant', checkpoint: state.parity + 1 })
}

/** Everybody who has not captured g + 1 shall do so at the next step boundary. */
function hurry(state: CheckpointState, effects: CheckEffect[]): void {
  for (let rank = 0; rank < state.processes; rank += 1) {
    if (!state.staging.senders.has(applicationPlace(rank))) grant(state, effects, rank)
  }
}

function isComplete(state: CheckpointState): boolean {
  const { senders } = state.staging
  return senders.size === state.processes && [...senders.values()].every(({ ended }) => ended)
}

function shipMerged(state: CheckpointState, effects: CheckEffect[]): void {
  const checksums = state.staging.checksums.map((one): Checksums => {
    assert(one !== null, 'every delta came with its checksums')
    return one
  })
  effects.push({ type: 'shipMerged', to: backupPlace, epoch: state.epoch, checkpoint: state.parity + 1, checksums })
}

/** P3: the backup processor holds the delta, so the commit is decided. */
function commit(state: CheckpointState, effects: CheckEffect[]): void {
  assert(isComplete(state), 'P3: the backup processor holds what was gathered here')
  applyStaged(state, effects)
  state.granted.clear()
  const frame = { type: 'commit', checkpoint: state.parity } as const
  for (let rank = 0; rank < state.processes; rank += 1) send(state, effects, applicationPlace(rank), frame)
  send(state, effects, backupPlace, frame)
  const waiting = [...state.waiting]
  state.waiting.clear()
  for (const [rank, urgent] of waiting) authorize(state, effects, rank, state.parity + 1, urgent)
}

function send(state: CheckpointState, effects: CheckEffect[], to: Place, frame: Frame): void {
  effects.push({ type: 'send', to, epoch: state.epoch, frame })
}

function rankOfSender(from: Place): Rank {
  const rank = rankOf(from)
  assert(rank !== null, 'requests and deltas come from application processors')
  return rank
}
