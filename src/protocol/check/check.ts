import { assert, type Epoch } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import { isCheckpointPlace, type Place, rowOf } from '../places.ts'
import { receive } from '../receiving.ts'
import type { Rules } from '../rules.ts'
import { backupPart } from './backup.ts'
import { checkpointPart } from './checkpoint.ts'
import {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  createBackup,
  createCheckpoint,
} from './state.ts'

/** The check processor that belongs at a place, which holds nothing yet. */
export function createCheck(
  place: Place,
  epoch: Epoch,
  options: { readonly code: ErasureCode; readonly rules?: Rules },
): CheckpointState | BackupState {
  const row = rowOf(place)
  assert(row !== null, 'a check processor holds a row')
  return isCheckpointPlace(place)
    ? createCheckpoint(epoch, { ...options, row })
    : createBackup(epoch, { ...options, row })
}

/** One event of a check processor: changes its state and returns what is to be done, in order. */
export function stepCheck(state: CheckpointState | BackupState, event: CheckEvent): CheckEffect[] {
  const effects: CheckEffect[] = []
  // It was replaced: nothing it does counts any more.
  if (event.type === 'fenced') state.mode = 'fenced'
  if (event.type !== 'frame' || state.mode === 'fenced') return effects
  if ('granted' in state) receive(checkpointPart, state, effects, event)
  else receive(backupPart, state, effects, event)
  return effects
}
