/**
 * The protocol: pure state machines, events in, effects out. No clock, no I/O, no promise, no randomness. The machine
 * and the simulator drive the same code; neither knows the other.
 */

export * from './application/index.ts'
export * from './candidate/index.ts'
export { type ChainEffect, mergeChecksums } from './chain.ts'
export * from './check/index.ts'
export * from './conductor/index.ts'
export { type Coordination, coordinations } from './coordination.ts'
export { describeEffect, describeEvent, describeFrame } from './describe.ts'
export {
  describeCandidateEffect,
  describeCandidateEvent,
  describeRecord,
} from './describe-candidate.ts'
export { type Envelope, type Frame, type OutputKind, outputKinds, type RankChecksums, type Source } from './frames.ts'
export * from './places.ts'
export {
  type AnyEffect,
  type AnyEvent,
  type Happening,
  type OutsideEvent,
  type RecordedEffect,
  type RecordedEvent,
  type RecordedFrame,
  recordEffect,
  recordEvent,
  recordVersion,
} from './record.ts'
export { defaultRules, literalRules, type Rules, rulesFor } from './rules.ts'
export { envelopeProblem, frame, isProcessorPlace, processorPlace, storedFile } from './validate.ts'
export { accidentCheck, lossesCheck, outcomeChecks, recordedEffect, recordedEvent } from './validate-record.ts'
