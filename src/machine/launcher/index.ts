/** The launcher: starts a machine's processors, is its conductor, and reports what happens. */
export { runMachine } from './run-machine.ts'
