/**
 * The conductor as a state machine: who holds which place, which epoch it is, how a recovery goes.
 */
export { stepConductor } from './conductor.ts'
export { covers, furtherLosses, uncoveredHosts } from './coverage.ts'
export { placeOf } from './members.ts'
export {
  type Accident,
  type Arrange,
  type ConductorEffect,
  type ConductorEvent,
  type ConductorOptions,
  type ConductorState,
  createConductor,
  type FailedStep,
  type Misfortune,
  type ProcessorLoss,
  type RepeatedLoss,
  type Vacancies,
} from './state.ts'
export { type DiskCheckpoint, type StorageOptions, type StoredShare, takenOver } from './storage-state.ts'
