/**
 * The check processors as state machines: the checkpoint processor, which authorizes and decides, and its backup.
 */
export { createCheck, stepCheck } from './check.ts'
export type { BackupState, CheckEffect, CheckEvent, CheckpointState } from './state.ts'
