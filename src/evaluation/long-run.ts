import {
  dalyIntervalSeconds,
  expectedSeconds,
  optimalIntervalSeconds,
  optimalOverheadRatio,
  youngIntervalSeconds,
} from '../metrics/index.ts'
import { knownRatio, type Ratio, type SchemeFigures } from './figures.ts'
import {
  bootstrapGroups,
  type Estimate,
  type Interval,
  isAboveZero,
  median,
  type RoundEstimate,
  samplesOf,
  sharedRounds,
} from './statistics.ts'

/** Which of its two measures stands for O: that of paired runs, or the time held up, which is the least that O can be. */
export type OverheadMeasure = 'paired' | 'held-up'

/** What a scheme costs in the long run, at one rate of failures. Seconds. */
export interface LongRun {
  readonly measure: OverheadMeasure
  readonly failuresPerSecond: number
  /** T_opt and Gamma; null where O is not above 0. */
  readonly intervalSeconds: number | null
  readonly expectedSeconds: number | null
  readonly youngSeconds: number | null
  readonly dalySeconds: number | null
  /** r at T_opt; as if checkpoints came for nothing where O is not above 0. */
  readonly overheadRatio: Interval
  /** How many rounds O is made of. */
  readonly rounds: number
  /** All of the interval of O is above 0, and it is of enough rounds. */
  readonly isKnown: boolean
}

interface Costs {
  readonly overheadSeconds: number
  readonly latencySeconds: number
  readonly recoverySeconds: number
  readonly failuresPerSecond: number
}

/** Null where the scheme keeps no checkpoints, or O, L or R was not measured. */
export function longRun(figures: SchemeFigures, failuresPerSecond: number, measure: OverheadMeasure): LongRun | null {
  const inputs = inputsOf(figures, measure)
  if (!inputs) return null
  const costs = costsOf(inputs, failuresPerSecond)
  const isPositive = costs.overheadSeconds > 0
  const intervalSeconds = isPositive ? optimalIntervalSeconds(costs) : null
  const setting = { overheadSeconds: costs.overheadSeconds, mtbfSeconds: 1 / failuresPerSecond }
  return {
    ...{ measure, failuresPerSecond, intervalSeconds },
    expectedSeconds: intervalSeconds === null ? null : expectedSeconds(costs, intervalSeconds),
    youngSeconds: isPositive ? youngIntervalSeconds(setting) : null,
    dalySeconds: isPositive ? dalyIntervalSeconds(setting) : null,
    overheadRatio: ratioInterval(inputs, failuresPerSecond),
    rounds: inputs.overhead.samples.length,
    isKnown: isAboveZero(inputs.overhead),
  }
}

/** r of one scheme by r of another, from rounds that both have. Null if there are none. */
export function longRunRatio(
  above: SchemeFigures,
  below: SchemeFigures,
  failuresPerSecond: number,
  measure: OverheadMeasure,
): Ratio | null {
  const [one, other] = [inputsOf(above, measure), inputsOf(below, measure)]
  if (!one || !other) return null
  const rounds = sharedRounds([one.overhead, one.latency, other.overhead, other.latency])
  if (rounds.length === 0) return null
  const [upper, lower] = [one, other].map((inputs) => ratioOfDrawn(inputs, rounds, failuresPerSecond))
  const sizes = [rounds, one.recovery.samples, other.recovery.samples].map(({ length }) => length)
  const interval = bootstrapGroups(sizes, ([picked, above, below]) => upper!(picked!, above!) / lower!(picked!, below!))
  return knownRatio(interval, rounds.length, [one.overhead, other.overhead])
}

/** r at T_opt with its interval, as a plot wants it; null where it is not known. */
export function ratioAt(figures: SchemeFigures, failuresPerSecond: number, measure: OverheadMeasure): Interval | null {
  const inputs = inputsOf(figures, measure)
  return inputs && ratioInterval(inputs, failuresPerSecond)
}

interface Inputs {
  readonly overhead: RoundEstimate
  readonly latency: RoundEstimate
  readonly recovery: Estimate
}

function inputsOf(
  { overheadMs, heldUpMs, latencyMs, recovery }: SchemeFigures,
  measure: OverheadMeasure,
): Inputs | null {
  const overhead = measure === 'paired' ? overheadMs : heldUpMs
  if (!overhead || !latencyMs || !recovery || sharedRounds([overhead, latencyMs]).length === 0) return null
  return { overhead, latency: latencyMs, recovery: recovery.totalMs }
}

/** The value is made of all samples, like the best interval beside it; in what is drawn, O and L are of the same rounds. */
function ratioInterval(inputs: Inputs, failuresPerSecond: number): Interval {
  const rounds = sharedRounds([inputs.overhead, inputs.latency])
  const ratio = ratioOfDrawn(inputs, rounds, failuresPerSecond)
  const sizes = [rounds.length, inputs.recovery.samples.length]
  const { low, high } = bootstrapGroups(sizes, ([picked, recoveries]) => ratio(picked!, recoveries!))
  return { value: leastRatio(costsOf(inputs, failuresPerSecond)), low, high }
}

function costsOf({ overhead, latency, recovery }: Inputs, failuresPerSecond: number): Costs {
  return costsOfSamples([overhead.samples, latency.samples, recovery.samples], failuresPerSecond)
}

/** r of what was drawn: `picked` of `rounds`, and of recoveries, which come from runs of their own. */
function ratioOfDrawn({ overhead, latency, recovery }: Inputs, rounds: readonly number[], failuresPerSecond: number) {
  const [overheads, latencies] = [samplesOf(overhead, rounds), samplesOf(latency, rounds)]
  const take = (samples: readonly number[], picked: readonly number[]) => picked.map((index) => samples[index]!)
  return (picked: readonly number[], recoveries: readonly number[]): number => {
    const drawn = [take(overheads, picked), take(latencies, picked), take(recovery.samples, recoveries)] as const
    return leastRatio(costsOfSamples(drawn, failuresPerSecond))
  }
}

type Samples = readonly number[]

/** From O, L and R, each in milliseconds. */
function costsOfSamples(samples: readonly [Samples, Samples, Samples], failuresPerSecond: number): Costs {
  const [overheadSeconds, latencySeconds, recoverySeconds] = samples.map((one) => median(one) / 1000)
  return {
    overheadSeconds: overheadSeconds!,
    latencySeconds: latencySeconds!,
    recoverySeconds: recoverySeconds!,
    failuresPerSecond,
  }
}

/** r at T_opt; where O is not above 0, its limit for O towards 0. */
function leastRatio(costs: Costs): number {
  if (costs.overheadSeconds > 0) return optimalOverheadRatio(costs)
  return Math.expm1(costs.failuresPerSecond * (costs.latencySeconds + costs.recoverySeconds))
}
