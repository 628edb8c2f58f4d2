import { checkRun, countPlaces } from '../limits/check-run.ts'
import { InterruptedError, type RunOptions, type RunOutcome } from '../run.ts'
import type { MachineSettings } from '../settings.ts'
import { ProcessorsAhead } from './crew/processors-ahead.ts'
import { Launcher } from './launcher.ts'
import { TraceFile } from './reporting/trace-file.ts'

/**
 * Runs a program on a machine of its own and returns what came of it. When this settles no process and no socket of the
 * run is left.
 *
 * Throws `UsageError` (the machine has no room for it, or the trace cannot be written), `ProgramError`,
 * `UncoveredLossError` or `InterruptedError`; anything else is a mistake in Paritas.
 */
export async function runMachine(options: RunOptions): Promise<RunOutcome> {
  // What other computers have room for, their daemons know.
  if (!options.hosts) checkRun(options)
  const { tracePath, signal } = options
  if (signal.aborted) throw new InterruptedError('interrupted')
  const trace = tracePath === null ? null : await TraceFile.open(tracePath, signal)
  const launcher = new Launcher(options, trace)
  try {
    return await launcher.run()
  } finally {
    await launcher.close()
    await trace?.close(signal)
  }
}

/**
 * Starts the first processors of a run in `runFolder` while its program is still being loaded. To be closed after the run,
 * and where there is none.
 */
export function startAhead(runFolder: string, settings: MachineSettings): ProcessorsAhead {
  return new ProcessorsAhead(runFolder, countPlaces(settings))
}
