/**
 * The conductor as a state machine: who holds which place, which epoch it is, how a recovery goes.
 */
export { stepConductor } from './conductor.ts'
export { covers, rebuildPlan, toleranceFor } from './coverage.ts'
export {
  type ConductorEffect,
  type ConductorEvent,
  type ConductorOptions,
  type ConductorState,
  createConductor,
} from './state.ts'
export type { DiskCheckpoint, StorageOptions, StoredShare } from './storage-state.ts'
