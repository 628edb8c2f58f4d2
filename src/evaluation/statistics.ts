import { medianSorted, quantileSorted } from 'simple-statistics'
import { seededRandom } from '../base/index.ts'

/** A median with its 95 % interval, and what both were made of. */
export interface Estimate {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly samples: readonly number[]
}

/** An estimate whose samples are of rounds, so that it can be paired with another one. */
export interface RoundEstimate extends Estimate {
  /** Of each sample: its round. Rounds in which nothing was measured are missing. */
  readonly rounds: readonly number[]
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

/** With fewer samples an interval says nothing: that of one has no width at all. */
export const fewestRounds = 3

/** All of its interval is above 0, and that means something. */
export function isAboveZero({ low, samples }: Estimate): boolean {
  return low > 0 && samples.length >= fewestRounds
}

/** Null if there are no samples. */
export function estimateRounds(
  samples: readonly { readonly round: number; readonly value: number }[],
): RoundEstimate | null {
  const found = estimate(samples.map(({ value }) => value))
  return found && { ...found, rounds: samples.map(({ round }) => round) }
}

/** The rounds that all of them have. */
export function sharedRounds([first, ...others]: readonly [RoundEstimate, ...RoundEstimate[]]): number[] {
  return first.rounds.filter((round) => others.every(({ rounds }) => rounds.includes(round)))
}

/** The samples of these rounds, in their order; each of them must have one. */
export function samplesOf({ rounds, samples }: RoundEstimate, wanted: readonly number[]): number[] {
  const byRound = new Map(rounds.map((round, index) => [round, samples[index]!]))
  return wanted.map((round) => byRound.get(round)!)
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
  return bootstrapGroups([rounds], ([picked]) => statistic(picked!))
}

/** The same of several groups of samples that have nothing to do with one another: each is drawn on its own. */
export function bootstrapGroups(
  sizes: readonly number[],
  statistic: (picked: readonly (readonly number[])[]) => number,
): Interval {
  const random = seededRandom(20_061)
  const all = sizes.map((size) => Array.from({ length: size }, (_, index) => index))
  const draw = (group: readonly number[]): number[] => group.map(() => random.integer(0, group.length - 1))
  const values = Array.from({ length: resamples }, () => statistic(all.map(draw)))
  const sorted = ascending(values)
  return { value: statistic(all), low: quantileSorted(sorted, lowShare), high: quantileSorted(sorted, highShare) }
}

/** Infinities have their place at the ends; what is no number is left out. */
function ascending(values: readonly number[]): number[] {
  return values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right)
}
