import { UsageError } from '../../base/index.ts'
import { callLab, HostProcess } from '../../lab/index.ts'
import { CommandEnded } from '../exit-codes.ts'
import type { Surroundings } from '../surroundings.ts'
import { hasReachedAll, onSignals } from './signals.ts'

/** Runs the command behind `--` on a host, with this one's terminal. Throws a `CommandEnded` with its exit code. */
export async function runOnHost(lab: string, host: string, { env, passedOn, signals }: Surroundings): Promise<void> {
  if (env.PARITAS_LAB_HOST !== undefined) {
    throw new UsageError(
      `a host cannot start anything on another one: use another terminal of the computer itself, or start the laboratory with --outside`,
    )
  }
  const answer = await callLab(lab, { type: 'door', host })
  if (answer?.type !== 'door') throw new UsageError(`the laboratory ${lab} has ended`)
  const running = new HostProcess(answer.door, passedOn, { stdio: 'inherit', env: { ...env } })
  const stop = onSignals(signals, (name) => {
    if (!hasReachedAll(name)) running.kill(name)
  })
  try {
    throw new CommandEnded(await running.ended)
  } finally {
    stop()
  }
}
