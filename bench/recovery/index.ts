/** The parts of a recovery out of a trace, and their picture. */
export { drawRecovery } from './draw.ts'
export { type Line, partsOf, type RecoveryParts } from './parts.ts'
