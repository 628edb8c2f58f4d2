import type { RunOutcome } from '../machine/index.ts'
import { type Conditions, type Figure, figureOf } from './figure.ts'
import { type Bed, runOptions, type Setting } from './workload.ts'

/** How much longer the same work takes with checkpoints, check processors on the same cores included. */
export interface Slowdown {
  readonly changedPercent: number
  readonly intervalMs: number
  /** With checkpoints / without - 1, of the two runs of one round. */
  readonly share: Figure
  /** How long the slowest process needed for the steps that are timed. */
  readonly unprotectedMs: Figure
  readonly protectedMs: Figure
  /** Committed in a whole run, its warm-up included. */
  readonly checkpoints: Figure
}

export const slowdownIntervalMs = 1000
const changedPercent = 10
/** The first checkpoint, which holds everything, must be over before the time counts, and the code compiled. */
const warmUpMs = 4000
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
  bed: Bed,
  setting: Setting,
  timedMs: number,
  conditions: Conditions,
): Promise<Slowdown> {
  const { rounds, onProgress, signal } = conditions
  onProgress(0, 'slowdown: how fast this machine is')
  const runOf = (steps: number, warmUpSteps: number, isProtected: boolean): Promise<RunOutcome> =>
    bed.runMachine(
      runOptions(bed, setting, {
        ...{ changedPercent, intervalMs: slowdownIntervalMs, steps, warmUpSteps, isProtected },
        ...{ spares: isProtected ? 1 : 0, faults: [], signal },
      }),
    )
  const calibration = await runOf(calibrationSteps, calibrationWarmUpSteps, false)
  const stepMs = slowestMs(calibration) / (calibrationSteps - calibrationWarmUpSteps)
  const stepsIn = (ms: number): number => Math.max(1, Math.round(ms / stepMs))
  const [unprotected, protectedOnes]: [RunOutcome[], RunOutcome[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    // Now one first, now the other: what changes slowly hits both.
    for (const isProtected of round % 2 === 0 ? [false, true] : [true, false]) {
      const done = unprotected.length + protectedOnes.length
      onProgress(done / (2 * rounds), `slowdown: run ${done + 1} of ${2 * rounds}`)
      const outcome = await runOf(stepsIn(warmUpMs + timedMs), stepsIn(warmUpMs), isProtected)
      ;(isProtected ? protectedOnes : unprotected).push(outcome)
    }
  }
  return {
    ...{ changedPercent, intervalMs: slowdownIntervalMs },
    share: figureOf(protectedOnes.map((one, round) => slowestMs(one) / slowestMs(unprotected[round]!) - 1)),
    unprotectedMs: figureOf(unprotected.map(slowestMs)),
    protectedMs: figureOf(protectedOnes.map(slowestMs)),
    checkpoints: figureOf(protectedOnes.map(({ checkpoints }) => checkpoints.committed)),
  }
}

/** What the workload's processes gave to `done`. */
function slowestMs({ results }: RunOutcome): number {
  return Math.max(...results.map((result) => (result as { readonly timedMs: number }).timedMs))
}
