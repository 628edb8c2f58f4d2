import type { Frame } from '../frames.ts'
import { checkpointPlace, type Place } from '../places.ts'
import { applyStaged, receivingPart, report } from './recovering.ts'
import { type BackupState, type CheckEffect, noteArrival } from './state.ts'

export const backupPart = receivingPart<BackupState>({
  recover: (state, effects, recover) => report(state, effects, recover, isComplete(state)),
  handle,
})

function isComplete(state: BackupState): boolean {
  return state.staging.senders.get(checkpointPlace(state.options.row))?.ended === true
}

function handle(state: BackupState, effects: CheckEffect[], from: Place, frame: Frame): void {
  switch (frame.type) {
    case 'merged':
      if (frame.checkpoint !== state.parityCheckpoint + 1) return
      if (noteArrival(state.staging.senders, from, { number: frame.part }, state.options.rules.applyDeltasOnce)) {
        effects.push({ type: 'stage', batch: frame.batch, coefficient: 1 })
      }
      return
    case 'mergedEnd': {
      if (frame.checkpoint !== state.parityCheckpoint + 1) return
      if (!noteArrival(state.staging.senders, from, { parts: frame.parts }, true)) return
      state.staging.checksums.push(...frame.checksums)
      const held: Frame = { type: 'held', checkpoint: frame.checkpoint }
      effects.push({ type: 'send', to: from, epoch: state.epoch, frame: held })
      return
    }
    case 'commit':
      if (frame.checkpoint === state.parityCheckpoint + 1) applyStaged(state, effects)
      return
    default:
      throw new Error(`the backup processor got a frame that is not for it: ${frame.type} from ${from}`)
  }
}
