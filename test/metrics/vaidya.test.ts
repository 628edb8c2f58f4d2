import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  type CheckpointCosts,
  expectedSeconds,
  optimalIntervalSeconds,
  optimalOverheadRatio,
  overheadRatio,
} from '../../src/metrics/index.ts'

/** lambda T for lambda = 1. */
const share = (overhead: number): number => optimalIntervalSeconds({ overheadSeconds: overhead, failuresPerSecond: 1 })

/** -x - log(1 - x) = x^2/2 + x^3/3 + ..., term by term from the smallest on; another way than the solver's. */
function overheadOf(x: number): number {
  const terms = Math.ceil(40 / -Math.log(x))
  let sum = 0
  for (let power = terms; power >= 2; power -= 1) sum += x ** power / power
  return sum
}

const close = (actual: number, expected: number, relative: number): void => {
  expect(Math.abs(actual / expected - 1)).toBeLessThanOrEqual(relative)
}

/** Overheads over many orders of magnitude. */
const exponent = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((power) => 10 ** power)

describe('the best interval', () => {
  // 1 + W0(-exp(-1 - o)), computed with 80 digits.
  test.each([
    [1e-12, 1.414212895706507e-6],
    [1e-9, 0.000044720692885813665],
    [1e-6, 0.0014135469742886646],
    [1e-3, 0.04405719225904808],
    [0.005, 0.09669481706823782],
    [0.01, 0.13483475106683468],
    [0.1, 0.38318316820829484],
    [0.5, 0.698290437315664],
    [1, 0.8414056604369606],
    [1.0000001, 0.8414056792856962],
    [2, 0.9475309025422851],
    [10, 0.999983298020256],
    [40, 1],
    [1e300, 1],
  ])('for lambda O = %d is %d of the time between failures', (overhead, expected) => {
    close(share(overhead), expected, 1e-15)
  })

  test.prop([exponent(-12, 0)], { numRuns: 500 })(
    'solves the equation to 1e-12: it changes sign within that distance',
    (overhead) => {
      const x = share(overhead)
      expect(overheadOf(x * (1 - 1e-12))).toBeLessThan(overhead)
      expect(overheadOf(x * (1 + 1e-12))).toBeGreaterThan(overhead)
    },
  )

  test.prop([exponent(0, 2)], { numRuns: 500 })('leaves no residual where overheads are large', (overhead) => {
    const missing = 1 - share(overhead)
    const residual = missing === 0 ? 0 : Math.log(missing) + 1 - missing + overhead
    // 1 - x has no more digits than x itself leaves it.
    expect(Math.abs(residual)).toBeLessThan(1e-12 + 2 ** -52 / missing)
  })

  test.prop([exponent(-30, 3), exponent(-30, 3), exponent(-30, 3)])(
    'grows with the overhead, falls with the rate, and stays below the time between failures',
    (first, second, rate) => {
      const [less, more] = first < second ? [first, second] : [second, first]
      const at = (overheadSeconds: number, failuresPerSecond: number): number =>
        optimalIntervalSeconds({ overheadSeconds, failuresPerSecond })
      const rounding = 1 + 1e-14
      expect(at(less, rate)).toBeLessThanOrEqual(at(more, rate) * rounding)
      expect(at(rate, more)).toBeLessThanOrEqual(at(rate, less) * rounding)
      expect(at(more, rate)).toBeLessThanOrEqual(1 / rate)
      expect(at(less, rate)).toBeGreaterThan(0)
    },
  )

  test.prop([exponent(-150, 150), exponent(-150, 150), exponent(-6, 6)])(
    'has no unit of its own: in other units of time it is the same',
    (overheadSeconds, failuresPerSecond, factor) => {
      const interval = optimalIntervalSeconds({ overheadSeconds, failuresPerSecond })
      const scaled = { overheadSeconds: overheadSeconds * factor, failuresPerSecond: failuresPerSecond / factor }
      close(optimalIntervalSeconds(scaled), interval * factor, 1e-13)
    },
  )

  test('holds where O lambda is too small or too large for a number', () => {
    close(optimalIntervalSeconds({ overheadSeconds: 1e-200, failuresPerSecond: 1e-200 }), Math.SQRT2, 1e-15)
    expect(optimalIntervalSeconds({ overheadSeconds: 1e200, failuresPerSecond: 1e200 })).toBe(1e-200)
  })

  test('is continuous where the method changes', () => {
    close(share(1e-32 * (1 - 1e-15)), share(1e-32 * (1 + 1e-15)), 1e-14)
    close(share(1), share(1 + 2 ** -52), 1e-14)
    // Where the series of overheadOf ends, at x = 0.1.
    close(share(0.00536051565782628), 0.1, 1e-13)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    const say = (name: string): string => `${name} must be a finite number above 0, but is ${value}`
    expect(() => optimalIntervalSeconds({ overheadSeconds: value, failuresPerSecond: 1 })).toThrow(
      new RangeError(say('the overhead')),
    )
    expect(() => optimalIntervalSeconds({ overheadSeconds: 1, failuresPerSecond: value })).toThrow(
      new RangeError(say('the failure rate')),
    )
  })
})

describe('the overhead ratio', () => {
  const exponents = [exponent(-2, 3), exponent(-2, 3), exponent(-2, 3), exponent(-7, -3)] as const

  test.prop([...exponents, fc.double({ min: 0.1, max: 10, noNaN: true })])(
    'is least at the best interval, and the same by both formulas',
    (overheadSeconds, latencySeconds, recoverySeconds, failuresPerSecond, factor) => {
      const costs: CheckpointCosts = { overheadSeconds, latencySeconds, recoverySeconds, failuresPerSecond }
      const best = optimalIntervalSeconds(costs)
      const least = optimalOverheadRatio(costs)
      close(overheadRatio(costs, best) + 1, least + 1, 1e-12)
      expect(overheadRatio(costs, best * factor) + 1).toBeGreaterThanOrEqual((least + 1) * (1 - 1e-12))
    },
  )

  test.prop([...exponents])('grows with latency, recovery time and rate', (overhead, latency, recovery, rate) => {
    const costs = (factors: readonly [number, number, number]): CheckpointCosts => ({
      overheadSeconds: overhead,
      latencySeconds: latency * factors[0],
      recoverySeconds: recovery * factors[1],
      failuresPerSecond: rate * factors[2],
    })
    const ratio = optimalOverheadRatio(costs([1, 1, 1]))
    for (const worse of [costs([2, 1, 1]), costs([1, 2, 1]), costs([1, 1, 2])]) {
      expect(optimalOverheadRatio(worse)).toBeGreaterThan(ratio)
    }
  })

  test('is infinite, not no number, where nothing would ever finish', () => {
    const costs = { overheadSeconds: 2000, latencySeconds: 2000, recoverySeconds: 1, failuresPerSecond: 1 }
    expect(expectedSeconds(costs, 1)).toBe(Number.POSITIVE_INFINITY)
    expect(optimalOverheadRatio(costs)).toBe(Number.POSITIVE_INFINITY)
    expect(expectedSeconds({ ...costs, latencySeconds: 0 }, 1)).toBeCloseTo(Math.exp(2))
  })

  test('refuses costs below 0, and an interval of 0', () => {
    const costs = { overheadSeconds: 1, latencySeconds: 1, recoverySeconds: 1, failuresPerSecond: 1 }
    const must = 'must be a finite number from 0 on, but is -1'
    expect(() => expectedSeconds({ ...costs, overheadSeconds: -1 }, 1)).toThrow(`the overhead ${must}`)
    expect(() => overheadRatio({ ...costs, latencySeconds: -1 }, 1)).toThrow(`the latency ${must}`)
    expect(() => optimalOverheadRatio({ ...costs, recoverySeconds: -1 })).toThrow(`the recovery time ${must}`)
    expect(() => overheadRatio(costs, 0)).toThrow('the interval must be a finite number above 0, but is 0')
  })
})

describe("the paper's tables", () => {
  const failuresPerSecond = 6.301e-6
  const costs = (overheadSeconds: number, latencySeconds: number, recoverySeconds: number): CheckpointCosts => ({
    ...{ overheadSeconds, latencySeconds, recoverySeconds, failuresPerSecond },
  })

  test.each([
    ['merge sort, N+1 parity', costs(420, 43.34, 140.2), '0.07482'],
    ['matrix multiplication, N+1 parity', costs(391, 90, 190.2), '0.07286'],
    ['matrix multiplication, proposed scheme', costs(183, 52, 190.2), '0.049993'],
  ])('%s: every printed digit', (_, row, printed) => {
    const digits = printed.length - '0.'.length
    expect(optimalOverheadRatio(row).toFixed(digits)).toBe(printed)
    expect(overheadRatio(row, optimalIntervalSeconds(row)).toFixed(digits)).toBe(printed)
  })

  // The printed 0.05277 does not follow from the printed O = 209 s, but from 208 s: one of the two was misprinted.
  test('merge sort, proposed scheme: another value than the printed one', () => {
    expect(optimalOverheadRatio(costs(209, 32.15, 142.5)).toFixed(8)).toBe('0.05289872')
    expect(optimalOverheadRatio(costs(208, 32.15, 142.5)).toFixed(5)).toBe('0.05277')
  })

  // To 12 digits, computed with 60.
  test.each([
    [costs(420, 43.34, 140.2), 11267.8031484, 12110.8808591],
    [costs(209, 32.15, 142.5), 8006.12247231, 8429.63611302],
    [costs(391, 90, 190.2), 10881.2173672, 11674.0241603],
    [costs(183, 52, 190.2), 7499.90974272, 7874.84907663],
  ])('interval and expected time', (row, interval, expected) => {
    close(optimalIntervalSeconds(row), interval, 1e-11)
    close(expectedSeconds(row, optimalIntervalSeconds(row)), expected, 1e-11)
  })
})
