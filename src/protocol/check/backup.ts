import type { Frame } from '../frames.ts'
import { checkpointPlace, type Place } from '../places.ts'
import { applyStaged, fence, receive } from './recovering.ts'
import { type BackupState, type CheckEffect, type CheckEvent, noteArrival } from './state.ts'

/** One event of the backup processor: changes its state and returns what is to be done, in order. */
export function stepBackup(state: BackupState, event: CheckEvent): CheckEffect[] {
  const effects: CheckEffect[] = []
  if (state.mode === 'fenced') return effects
  if (event.type === 'fenced') {
    fence(state)
    return effects
  }
  for (const { from, frame } of receive(state, effects, event, () => isComplete(state)))
    handle(state, effects, from, frame)
  return effects
}

function isComplete(state: BackupState): boolean {
  return state.staging.senders.get(checkpointPlace(state.options.row))?.ended === true
}

function handle(state: BackupState, effects: CheckEffect[], from: Place, frame: Frame): void {
  switch (frame.type) {
    case 'merged':
      if (frame.checkpoint !== state.parity + 1) return
      if (noteArrival(state.staging.senders, from, { number: frame.part }, state.options.rules.applyDeltasOnce)) {
        effects.push({ type: 'stage', batch: frame.batch, coefficient: 1 })
      }
      return
    case 'mergedEnd': {
      if (frame.checkpoint !== state.parity + 1) return
      if (!noteArrival(state.staging.senders, from, { parts: frame.parts }, true)) return
      state.staging.checksums.push(...frame.checksums)
      const held: Frame = { type: 'held', checkpoint: frame.checkpoint }
      effects.push({ type: 'send', to: from, epoch: state.epoch, frame: held })
      return
    }
    case 'commit':
      if (frame.checkpoint === state.parity + 1) applyStaged(state, effects)
      return
    default:
      throw new Error(`the backup processor got a frame that is not for it: ${frame.type} from ${from}`)
  }
}
