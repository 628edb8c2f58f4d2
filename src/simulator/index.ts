/**
 * The simulator: the protocol's state machines in one thread, with real bytes, virtual time and injected faults;
 * checkers that watch from outside; random runs from a seed. It shares no code with the machine but the protocol itself.
 */
export type { Violation, ViolationKind } from './oracle.ts'
export { SimulatedProcess, type SimulatedProgram } from './process.ts'
export type { Processor } from './processor.ts'
export { simulatedPrograms } from './programs.ts'
export { type RandomRun, type RandomRunOptions, runSeed } from './random-run.ts'
export { runScenario } from './scenario/run-scenario.ts'
export { type Action, World, type WorldOptions } from './world.ts'
