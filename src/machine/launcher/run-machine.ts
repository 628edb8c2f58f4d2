import { checkRun } from '../limits/check-run.ts'
import { InterruptedError, type RunOptions, type RunOutcome } from '../run.ts'
import { Launcher } from './launcher.ts'

/**
 * Runs a program on a machine of its own and returns what came of it. When this settles no process and no socket of the
 * run is left.
 *
 * Throws `UsageError` (the machine has no room for it, or the trace cannot be written), `ProgramError`,
 * `UncoveredLossError` or `InterruptedError`; anything else is a mistake in Paritas.
 */
export async function runMachine(options: RunOptions): Promise<RunOutcome> {
  checkRun(options)
  if (options.signal.aborted) throw new InterruptedError('interrupted before the program began')
  const launcher = new Launcher(options)
  try {
    return await launcher.run()
  } finally {
    await launcher.close()
  }
}
