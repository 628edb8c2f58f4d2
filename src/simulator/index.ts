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
  type ExhaustiveWorldName,
  exhaustiveWorlds,
  exploreExhaustively,
  writeCounterExample,
} from './exhaustive/index.ts'
export { type FaultKind, faultKinds, type Strike } from './faults/faults.ts'
export { type MixOptions, processesLeast, processesMost } from './faults/mix.ts'
export { type Phase, phases } from './faults/phase.ts'
export type { Violation, ViolationKind } from './oracle/oracle.ts'
export { measureScale, type Role, type RoleTraffic, type ScaleFigures, type ScaleOptions } from './scale/index.ts'
export { ScenarioError } from './scenario/error.ts'
export { runScenario } from './scenario/run-scenario.ts'
export { type Story, traceScenario } from './scenario/trace-scenario.ts'
export { type MinimalFailure, minimize } from './search/minimize.ts'
export { type RandomRun, type RandomRunOptions, runSeed } from './search/random-run.ts'
export { type Replay, replay, type Script } from './search/shrink.ts'
export { SimulatedProcess, type SimulatedProgram } from './world/process.ts'
export type { SimulatedProcessor } from './world/processor.ts'
export { type ProgramName, simulatedPrograms } from './world/programs.ts'
export { type Action, World, type WorldOptions } from './world/world.ts'
