import {
  dalyIntervalSeconds,
  expectedSeconds,
  optimalIntervalSeconds,
  optimalOverheadRatio,
  youngIntervalSeconds,
} from '../metrics/index.ts'
import type { Ratio, SchemeFigures } from './figures.ts'
import { bootstrap, type Estimate, type Interval, median } from './statistics.ts'

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
  /** All of the interval of O is above 0. */
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
    isKnown: inputs.overhead.low > 0,
  }
}

/** r of one scheme by r of another. Null if one of them is missing. */
export function longRunRatio(
  above: SchemeFigures,
  below: SchemeFigures,
  failuresPerSecond: number,
  measure: OverheadMeasure,
): Ratio | null {
  const [one, other] = [inputsOf(above, measure), inputsOf(below, measure)]
  if (!one || !other) return null
  const interval = bootstrap(Math.min(roundsOf(one), roundsOf(other)), (picked) => {
    const [upper, lower] = [one, other].map((inputs) => leastRatio(costsOf(inputs, failuresPerSecond, picked)))
    return upper! / lower!
  })
  return { ...interval, isKnown: one.overhead.low > 0 && other.overhead.low > 0 }
}

/** r at T_opt with its interval, as a plot wants it; null where it is not known. */
export function ratioAt(figures: SchemeFigures, failuresPerSecond: number, measure: OverheadMeasure): Interval | null {
  const inputs = inputsOf(figures, measure)
  return inputs && ratioInterval(inputs, failuresPerSecond)
}

interface Inputs {
  readonly overhead: Estimate
  readonly latency: Estimate
  readonly recovery: Estimate
}

function inputsOf(
  { overheadMs, heldUpMs, latencyMs, recovery }: SchemeFigures,
  measure: OverheadMeasure,
): Inputs | null {
  const overhead = measure === 'paired' ? overheadMs : heldUpMs
  return overhead && latencyMs && recovery ? { overhead, latency: latencyMs, recovery: recovery.totalMs } : null
}

const roundsOf = ({ overhead, latency }: Inputs): number => Math.min(overhead.samples.length, latency.samples.length)

function ratioInterval(inputs: Inputs, failuresPerSecond: number): Interval {
  return bootstrap(roundsOf(inputs), (picked) => leastRatio(costsOf(inputs, failuresPerSecond, picked)))
}

/** `picked`: the rounds that count; all of them if it is left out. Of recoveries there are others, and not as many. */
function costsOf(
  { overhead, latency, recovery }: Inputs,
  failuresPerSecond: number,
  picked?: readonly number[],
): Costs {
  const seconds = ({ samples }: Estimate): number => {
    const counted = picked ? picked.map((index) => samples[index % samples.length]!) : samples
    return median(counted) / 1000
  }
  return {
    overheadSeconds: seconds(overhead),
    latencySeconds: seconds(latency),
    recoverySeconds: seconds(recovery),
    failuresPerSecond,
  }
}

/** r at T_opt; where O is not above 0, its limit for O towards 0. */
function leastRatio(costs: Costs): number {
  if (costs.overheadSeconds > 0) return optimalOverheadRatio(costs)
  return Math.expm1(costs.failuresPerSecond * (costs.latencySeconds + costs.recoverySeconds))
}
