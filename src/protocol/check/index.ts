/**
 * The check processors as state machines: the checkpoint processor, which authorizes and decides, and its backup.
 */
export { stepBackup } from './backup.ts'
export { stepCheckpoint } from './checkpoint.ts'
export {
  type BackupState,
  type CheckEffect,
  type CheckEvent,
  type CheckpointState,
  type CheckState,
  createBackup,
  createCheckpoint,
} from './state.ts'
