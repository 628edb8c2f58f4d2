import { checkMemory } from '../local/memory-check.ts'
import { InterruptedError, type RunOptions, type RunOutcome } from '../run.ts'
import { Launcher } from './launcher.ts'

/**
 * Runs a program on a machine of its own and returns what came of it. When this settles no process and no socket of the
 * run is left.
 *
 * Throws `UsageError` (the program needs more memory than there is, or the trace cannot be written), `ProgramError`,
 * `UncoveredLossError` or `InterruptedError`; anything else is a mistake in Paritas.
 */
export async function runMachine(options: RunOptions): Promise<RunOutcome> {
  checkMemory(options)
  if (options.signal.aborted) throw new InterruptedError('interrupted before the program began')
  const launcher = new Launcher(options)
  try {
    return await launcher.run()
  } finally {
    await launcher.close()
  }
}
