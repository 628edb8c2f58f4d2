import { medianSorted, quantileSorted } from 'simple-statistics'
import { seededRandom } from '../base/index.ts'

/** A median with its 95 % interval, and what both were made of. */
export interface Estimate {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly samples: readonly number[]
}

/** Ends of the interval: 95 % of the resampled values lie between. */
const [lowShare, highShare] = [0.025, 0.975]
const resamples = 2000

export function median(values: readonly number[]): number {
  return medianSorted(ascending(values))
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Null if there are no samples. */
export function estimate(samples: readonly number[]): Estimate | null {
  if (samples.length === 0) return null
  const { value, low, high } = bootstrap(samples.length, (picked) => median(picked.map((index) => samples[index]!)))
  return { median: value, low, high, samples }
}

export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * The percentile bootstrap (Efron): `statistic` of rounds 0 to `rounds` - 1, and where it lies when as many rounds are
 * drawn from them, with repetition, again and again. What was measured in the same round stays together, as `statistic`
 * is given the numbers of rounds. The same for the same rounds, since the drawing has a seed.
 */
export function bootstrap(rounds: number, statistic: (picked: readonly number[]) => number): Interval {
  const random = seededRandom(20_061)
  const all = Array.from({ length: rounds }, (_, index) => index)
  const values = Array.from({ length: resamples }, () => statistic(all.map(() => random.integer(0, rounds - 1))))
  const sorted = ascending(values)
  return { value: statistic(all), low: quantileSorted(sorted, lowShare), high: quantileSorted(sorted, highShare) }
}

/** Infinities have their place at the ends; what is no number is left out. */
function ascending(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right)
}
