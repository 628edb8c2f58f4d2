import type { RunOutcome } from '../machine/index.ts'
import { type Conditions, type Figure, figureOf } from './figure.ts'
import { ProcessorShare } from './processor-time.ts'
import { type MeasureBench, type MeasuredSetting, runOptions } from './workload.ts'

/** How much longer the same work takes with checkpoints, check processors on the same cores included. */
export interface Slowdown {
  readonly changedPercent: number
  readonly intervalMs: number
  /** With checkpoints / without - 1, of the two runs of one round. */
  readonly share: Figure
  /**
   * What protection takes of the processor for each millisecond that the programs have of it: the rest of a protected
   * run's threads, less that of the unprotected one of its round. Hardly hit by what else the machine does. Null where
   * the system does not tell.
   */
  readonly processorShare: Figure | null
  /** How long the slowest process needed for the steps that are timed. */
  readonly unprotectedMs: Figure
  readonly protectedMs: Figure
  /** Committed in a whole run, its warm-up included. */
  readonly checkpoints: Figure
  /** Of the last protected run. */
  readonly memory: RunOutcome['memory']
}

export const slowdownIntervalMs = 1000
const changedPercent = 10
/** The first checkpoint, which holds everything, must be over before the time counts, and the code compiled. */
const warmUpMs = 4000
/** Up to here all processes compute: who is done waits for the others. */
const countedShare = 0.97
const calibrationSteps = 250
const calibrationWarmUpSteps = 50

/** How long the two runs of one round take, the starting of their processes left out. */
export const slowdownRoundMs = (timedMs: number): number => 2 * (warmUpMs + timedMs)

/**
 * Runs the workload with and without protection, in turns: each process writes over a tenth of its memory in each
 * second, and a checkpoint is taken every second. A run before all others finds out how many steps this machine does in
 * `timedMs`, in which the time of a run counts.
 */
export async function measureSlowdown(
  bed: MeasureBench,
  setting: MeasuredSetting,
  timedMs: number,
  conditions: Conditions,
): Promise<Slowdown> {
  const { rounds, onProgress, signal } = conditions
  onProgress(0, 'slowdown: how fast this machine is')
  const runOf = async (steps: number, warmUpSteps: number, isProtected: boolean): Promise<TimedRun> => {
    const processor = new ProcessorShare(warmUpSteps / steps, countedShare)
    const options = runOptions(bed, setting, {
      ...{ changedPercent, intervalMs: slowdownIntervalMs, steps, warmUpSteps, isProtected },
      ...{ spares: isProtected ? 1 : 0, faults: [], signal },
    })
    const outcome = await bed.runMachine({ ...options, onNews: (news) => processor.note(news) })
    return { outcome, otherByProgram: processor.otherByProgram }
  }
  const { outcome: calibration } = await runOf(calibrationSteps, calibrationWarmUpSteps, false)
  const stepMs = slowestMs(calibration) / (calibrationSteps - calibrationWarmUpSteps)
  const stepsIn = (ms: number): number => Math.max(1, Math.round(ms / stepMs))
  const [unprotected, protectedOnes]: [TimedRun[], TimedRun[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    // They take turns at going first, so that slow changes hit both.
    for (const isProtected of round % 2 === 0 ? [false, true] : [true, false]) {
      const done = unprotected.length + protectedOnes.length
      onProgress(done / (2 * rounds), `slowdown: run ${done + 1} of ${2 * rounds}`)
      const run = await runOf(stepsIn(warmUpMs + timedMs), stepsIn(warmUpMs), isProtected)
      ;(isProtected ? protectedOnes : unprotected).push(run)
    }
  }
  return {
    ...{ changedPercent, intervalMs: slowdownIntervalMs },
    share: figureOf(
      protectedOnes.map((one, round) => slowestMs(one.outcome) / slowestMs(unprotected[round]!.outcome) - 1),
    ),
    processorShare: processorShareOf(unprotected, protectedOnes),
    unprotectedMs: figureOf(unprotected.map(({ outcome }) => slowestMs(outcome))),
    protectedMs: figureOf(protectedOnes.map(({ outcome }) => slowestMs(outcome))),
    checkpoints: figureOf(protectedOnes.map(({ outcome }) => outcome.checkpoints.committed)),
    memory: protectedOnes.at(-1)!.outcome.memory,
  }
}

interface TimedRun {
  readonly outcome: RunOutcome
  readonly otherByProgram: number | null
}

function processorShareOf(unprotected: readonly TimedRun[], protectedOnes: readonly TimedRun[]): Figure | null {
  const differences = protectedOnes.flatMap(({ otherByProgram }, round) => {
    const without = unprotected[round]!.otherByProgram
    return otherByProgram === null || without === null ? [] : [otherByProgram - without]
  })
  return differences.length > 0 ? figureOf(differences) : null
}

/** What the workload's processes gave to `done`. */
function slowestMs({ results }: RunOutcome): number {
  return Math.max(...results.map((result) => (result as { readonly timedMs: number }).timedMs))
}
