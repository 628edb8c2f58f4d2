/**
 * The simulator: the protocol's state machines in one thread, with real bytes, virtual time and injected faults;
 * checkers that watch from outside; random runs from a seed, and what shortens those that go wrong; protocols that are
 * broken on purpose. It shares no code with the machine but the protocol itself.
 */

export type { Canary } from './canaries/canary.ts'
export { type CanaryName, canaries } from './canaries/index.ts'
export {
  type CounterExample,
  describeMoves,
  type ExhaustiveExploration,
  type ExhaustiveOptions,
  type ExhaustiveProgress,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  writeCounterExample,
} from './exhaustive/index.ts'
export { hostsMost } from './faults/host-mix.ts'
export { type FaultKind, faultKinds } from './faults/kinds.ts'
export { type MixOptions, processesLeast, processesMost } from './faults/mix.ts'
export { type Phase, phases } from './faults/phase.ts'
export type { Violation } from './oracle/oracle.ts'
export { runScenario } from './scenario/run-scenario.ts'
export { type Story, traceScenario } from './scenario/trace-scenario.ts'
export { type MinimalFailure, minimize } from './search/minimize.ts'
export { type RandomRun, type RandomRunOptions, runSeed } from './search/random-run.ts'
export { replay } from './search/shrink.ts'
export { type ProgramName, simulatedPrograms } from './world/programs.ts'
