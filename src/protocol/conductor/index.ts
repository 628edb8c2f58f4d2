/**
 * The conductor as a state machine: who holds which place, which epoch it is, how a recovery goes.
 */
export { stepConductor } from './conductor.ts'
export { covers, furtherLosses } from './coverage.ts'
export {
  type Accident,
  type ConductorEffect,
  type ConductorEvent,
  type ConductorOptions,
  type ConductorState,
  createConductor,
  type FailedStep,
  type RepeatedLoss,
} from './state.ts'
export { type DiskCheckpoint, type StorageOptions, type StoredShare, takenOver } from './storage-state.ts'
