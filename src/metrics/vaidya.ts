import { assert } from '../base/index.ts'
import { requireNotNegative, requirePositive } from './domain.ts'

/**
 * The model of N. H. Vaidya, "Impact of checkpoint latency on overhead ratio of a checkpointing scheme", IEEE Trans.
 * Computers 46(8), 1997. Failures come as a Poisson process of rate lambda; T is the useful work between two checkpoints.
 */
export interface Failures {
  /** lambda, failures in a second: 1 / MTBF. */
  readonly failuresPerSecond: number
}

/** What a scheme costs, in seconds: O for each checkpoint, L from its begin to its commit, R for each recovery. */
export interface CheckpointCosts extends Failures {
  readonly overheadSeconds: number
  readonly latencySeconds: number
  readonly recoverySeconds: number
}

/**
 * T_opt in seconds: the T > 0 with exp(lambda (T + O)) (1 - lambda T) = 1, which makes the overhead ratio least. It
 * depends on neither latency nor recovery time, and is always below the mean time between failures. The relative error
 * is below 1e-12 for every O and lambda. Throws a `RangeError` unless both are finite and above 0.
 */
export function optimalIntervalSeconds(costs: Pick<CheckpointCosts, 'overheadSeconds' | 'failuresPerSecond'>): number {
  const { overheadSeconds, failuresPerSecond } = costs
  requirePositive('the overhead', overheadSeconds)
  requirePositive('the failure rate', failuresPerSecond)
  // Young's limit: the next term is smaller by sqrt(2 O lambda) / 3, and O lambda itself may be too small for a number.
  if (overheadSeconds * failuresPerSecond < 1e-32) {
    return Math.SQRT2 * (Math.sqrt(overheadSeconds) / Math.sqrt(failuresPerSecond))
  }
  return optimalShare(overheadSeconds * failuresPerSecond) / failuresPerSecond
}

/**
 * Gamma in seconds: the expected time that an interval of `intervalSeconds` of useful work takes, with its checkpoint,
 * the failures and what they undo; exp(lambda (L - O + R)) (exp(lambda (T + O)) - 1) / lambda. Infinity where that is
 * beyond every number. Throws a `RangeError` for costs below 0 and for a rate or interval that is not above 0.
 */
export function expectedSeconds(costs: CheckpointCosts, intervalSeconds: number): number {
  requireCosts(costs)
  requirePositive('the interval', intervalSeconds)
  const { failuresPerSecond: rate, overheadSeconds, latencySeconds, recoverySeconds } = costs
  const retried = Math.expm1(rate * (intervalSeconds + overheadSeconds))
  // The exponent may be far below 0 where the other factor is infinite: their product is taken as a sum of exponents.
  if (!Number.isFinite(retried)) {
    return Math.exp(rate * (latencySeconds + recoverySeconds + intervalSeconds)) / rate
  }
  return (Math.exp(rate * (latencySeconds - overheadSeconds + recoverySeconds)) * retried) / rate
}

/** r = Gamma / T - 1 for any interval T: the share of time that is lost. Throws like `expectedSeconds`. */
export function overheadRatio(costs: CheckpointCosts, intervalSeconds: number): number {
  return expectedSeconds(costs, intervalSeconds) / intervalSeconds - 1
}

/**
 * r at T_opt. There exp(lambda (T + O)) is 1 / (1 - lambda T), so that Gamma / T - 1 becomes exp(lambda (T + L + R)) - 1,
 * which loses no digits however small it is. Throws a `RangeError` for costs below 0, and an overhead or rate of 0.
 */
export function optimalOverheadRatio(costs: CheckpointCosts): number {
  requireCosts(costs)
  const intervalSeconds = optimalIntervalSeconds(costs)
  const { failuresPerSecond, latencySeconds, recoverySeconds } = costs
  return Math.expm1(failuresPerSecond * (intervalSeconds + latencySeconds + recoverySeconds))
}

function requireCosts(costs: CheckpointCosts): void {
  requirePositive('the failure rate', costs.failuresPerSecond)
  requireNotNegative('the overhead', costs.overheadSeconds)
  requireNotNegative('the latency', costs.latencySeconds)
  requireNotNegative('the recovery time', costs.recoverySeconds)
}

/** x = lambda T out of o = lambda O: the x in (0, 1) with -x - log(1 - x) = o. */
function optimalShare(overhead: number): number {
  return overhead > 1 ? 1 - missingShare(overhead) : smallShare(overhead)
}

/** Enough for every start below; quadratic convergence needs 5. */
const iterationsMax = 60

/** For o up to 1, by Newton's method from the first terms of the inverse series in s = sqrt(2 o). */
function smallShare(overhead: number): number {
  const s = Math.sqrt(2 * overhead)
  let x = s * (1 - s * (1 / 3 - s * (1 / 36 + s / 270)))
  for (let iteration = 0; iteration < iterationsMax; iteration += 1) {
    // The derivative of -x - log(1 - x) is x / (1 - x).
    const change = ((overheadOf(x) - overhead) * (1 - x)) / x
    x -= change
    if (Math.abs(change) <= 1e-15 * x) break
  }
  assert(Math.abs(overheadOf(x) - overhead) <= 1e-13 * overhead, 'the best interval solves its equation')
  return x
}

/** -x - log(1 - x), without the cancellation that the two terms have near 0: there by its series x^2/2 + x^3/3 + ... */
function overheadOf(x: number): number {
  if (x > 0.1) return -x - Math.log1p(-x)
  let sum = 0
  for (let power = 17; power >= 2; power -= 1) sum = sum * x + 1 / power
  return sum * x * x
}

/** u = 1 - x for o above 1, the smaller u with log(u) - u = -1 - o: below exp(-1), so that 1 - u has all its digits. */
function missingShare(overhead: number): number {
  let u = Math.exp(-1 - overhead)
  if (u === 0) return 0
  for (let iteration = 0; iteration < iterationsMax; iteration += 1) {
    // The function is concave: from below its zero, Newton's method comes near without passing it.
    const change = ((Math.log(u) - u + 1 + overhead) * u) / (1 - u)
    u -= change
    if (Math.abs(change) <= 1e-15 * u) break
  }
  assert(u > 0 && u < Math.exp(-1), 'the best interval is a share between 0 and 1')
  return u
}
