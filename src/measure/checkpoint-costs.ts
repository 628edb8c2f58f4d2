import { type Fault, InterruptedError, type Recovery } from '../machine/index.ts'
import { CheckpointLog } from './checkpoint-log.ts'
import { type Conditions, type Figure, figureOf } from './figure.ts'
import { type MeasureBench, type MeasuredSetting, runOptions } from './workload.ts'

/** What checkpoints and recoveries cost when processes change a share of their memory in each interval. */
export interface MeasuredCosts {
  readonly changedPercent: number
  /** What one process really changed in an interval: its delta, which goes to each of the check rows. */
  readonly changedBytes: Figure
  /** Checkpoint 1, which holds everything there is. One sample a process. */
  readonly first: { readonly heldUpMs: Figure; readonly latencyMs: Figure }
  /** One sample for each process and checkpoint. */
  readonly heldUpMs: Figure
  /** The same: from the request, or from the capture where the process was told to, to the news of the commit. */
  readonly latencyMs: Figure
  /** Of the whole machine, one sample a checkpoint: from the last process's capture to the commit. */
  readonly commitMs: Figure
  readonly recovery: RecoveryCosts
}

/** One sample for each time that `lost` processes were killed at once. */
export interface RecoveryCosts {
  readonly lost: number
  readonly totalMs: Figure
  readonly detectMs: Figure
  readonly rebuildMs: Figure
  readonly resumeMs: Figure
}

/** Longer than a checkpoint takes, or the next one would wait for it and count that as latency. */
export const checkpointIntervalMs = 1000
/** Checkpoint 1 is special, and after it the first pages come back from the pool: 2 is not counted either. */
const warmUpCheckpoints = 2
/** Between two kills: enough for a lost spare to be replaced by one that is warm. */
const commitsPerKill = 2

/** How many checkpoints one measurement takes, for its estimate. */
export const checkpointsOf = (rounds: number): number => warmUpCheckpoints + rounds + commitsPerKill * (rounds + 1)

/**
 * Runs the workload on a real machine until `rounds` checkpoints are measured, and then until SIGKILL has hit as many
 * times: each time as many processes at once as are tolerated.
 */
export async function measureCheckpoints(
  bed: MeasureBench,
  setting: MeasuredSetting,
  changedPercent: number,
  conditions: Conditions,
): Promise<MeasuredCosts> {
  const { rounds, signal, onProgress } = conditions
  const log = new CheckpointLog(setting.processes, monotonicMs)
  const recoveries: Recovery[] = []
  const enough = new AbortController()
  const lost = Math.min(setting.tolerate, setting.processes)
  const told = (): void => {
    const counted = Math.min(rounds, Math.max(0, log.complete - warmUpCheckpoints))
    const recovered = recoveries.length
    const what = counted < rounds ? `checkpoint ${counted + 1}` : `recovery ${Math.min(rounds, recovered + 1)}`
    const share = (counted + commitsPerKill * recovered) / (rounds * (1 + commitsPerKill))
    onProgress(share, `${changedPercent} % changed: ${what} of ${rounds}`)
    if (counted === rounds && recovered === rounds) enough.abort()
  }
  told()
  const options = runOptions(bed, setting, {
    ...{ changedPercent, intervalMs: checkpointIntervalMs, steps: 2 ** 31 - 1, warmUpSteps: 0 },
    ...{ isProtected: true, spares: 2 * lost, faults: kills(rounds, lost, setting.processes) },
    signal: AbortSignal.any([signal, enough.signal]),
  })
  await untilEnough(enough.signal, () =>
    bed.runMachine({
      ...options,
      onFigure(rank, figure) {
        if (log.complete < warmUpCheckpoints + rounds) log.note(rank, figure)
        if (figure.type === 'committed') told()
      },
      onNews(news) {
        // A loss that is not of our making has no known time.
        if (news.type !== 'resumed' || news.recovery.detectMs === null) return
        recoveries.push(news.recovery)
        told()
      },
    }),
  )
  return {
    changedPercent,
    ...costs(log, rounds, setting.tolerate),
    recovery: recoveryCosts(recoveries.slice(0, rounds), lost),
  }
}

/** The run has no end of its own; it is over when everything is measured. */
async function untilEnough(enough: AbortSignal, run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (enough.aborted && error instanceof InterruptedError) return
    throw error
  }
  throw new Error('measure: the workload ended before everything was measured')
}

/** Whoever is hit moves on from one time to the next. */
function kills(rounds: number, lost: number, processes: number): Fault[] {
  return Array.from({ length: rounds }, (_, round) => {
    const checkpoint = warmUpCheckpoints + rounds + commitsPerKill * round + 1
    return Array.from({ length: lost }, (_one, i): Fault => {
      const rank = (round * lost + i) % processes
      return { kind: 'kill', who: `a${rank}`, when: { kind: 'commit', checkpoint } }
    })
  }).flat()
}

function costs(log: CheckpointLog, rounds: number, rows: number): Omit<MeasuredCosts, 'changedPercent' | 'recovery'> {
  const first = log.costOf(1)
  const counted = Array.from({ length: rounds }, (_, round) => log.costOf(warmUpCheckpoints + 1 + round))
  return {
    changedBytes: figureOf(counted.flatMap((one) => one.deltaBytes.map((bytes) => bytes / rows))),
    first: { heldUpMs: figureOf(first.heldUpMs), latencyMs: figureOf(first.latencyMs) },
    heldUpMs: figureOf(counted.flatMap((one) => one.heldUpMs)),
    latencyMs: figureOf(counted.flatMap((one) => one.latencyMs)),
    commitMs: figureOf(counted.map((one) => one.commitMs)),
  }
}

function recoveryCosts(recoveries: readonly Recovery[], lost: number): RecoveryCosts {
  const of = (pick: (recovery: Recovery) => number): Figure => figureOf(recoveries.map(pick))
  return {
    lost,
    totalMs: of((one) => one.totalMs),
    detectMs: of((one) => one.detectMs ?? 0),
    rebuildMs: of((one) => one.rebuildMs),
    resumeMs: of((one) => one.resumeMs),
  }
}

/** The clock that all processes of this computer share. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
