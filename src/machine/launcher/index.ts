/** The launcher: starts a machine's processors, is its conductor, and reports what happens. */
export type { ProcessorsAhead } from './crew/processors-ahead.ts'
export { runMachine, startAhead } from './run-machine.ts'
