import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { dalyIntervalSeconds, optimalIntervalSeconds, youngIntervalSeconds } from '../../src/metrics/index.ts'

const minute = 60
const hour = 60 * minute

describe('rules of thumb', () => {
  test("Young's is sqrt(2 O M)", () => {
    expect(youngIntervalSeconds({ overheadSeconds: 2, mtbfSeconds: 9 })).toBeCloseTo(6, 14)
    expect(youngIntervalSeconds({ overheadSeconds: 1e300, mtbfSeconds: 1e300 }) / 1e300).toBeCloseTo(Math.SQRT2, 14)
  })

  // Daly's own figures, for a checkpoint of 5 minutes.
  test.each([
    [24 * hour, '117'],
    [6 * hour, '57'],
    [15 * minute, '9.1'],
  ])("Daly's for a failure each %d s is %s minutes", (mtbfSeconds, printed) => {
    const interval = dalyIntervalSeconds({ overheadSeconds: 5 * minute, mtbfSeconds }) / minute
    expect(interval.toFixed(printed.includes('.') ? 1 : 0)).toBe(printed)
  })

  test("Daly's is the mean time between failures where a checkpoint takes twice as long as that, or longer", () => {
    for (const overheadSeconds of [20, 21, 1e9]) {
      expect(dalyIntervalSeconds({ overheadSeconds, mtbfSeconds: 10 })).toBe(10)
    }
    expect(dalyIntervalSeconds({ overheadSeconds: 19, mtbfSeconds: 10 })).not.toBe(10)
  })

  test.prop([fc.double({ min: -12, max: -1, noNaN: true }), fc.double({ min: -6, max: 9, noNaN: true })])(
    'draw near to the exact interval as overheads become small',
    (power, mtbfPower) => {
      const mtbfSeconds = 10 ** mtbfPower
      const overheadSeconds = mtbfSeconds * 10 ** power
      const exact = optimalIntervalSeconds({ overheadSeconds, failuresPerSecond: 1 / mtbfSeconds })
      const off = (interval: number): number => Math.abs(interval / exact - 1)
      const root = Math.sqrt(10 ** power)
      expect(off(youngIntervalSeconds({ overheadSeconds, mtbfSeconds }))).toBeLessThan(0.8 * root + 1e-12)
      expect(off(dalyIntervalSeconds({ overheadSeconds, mtbfSeconds }))).toBeLessThan(0.02 * root ** 3 + 1e-12)
    },
  )

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuse %d', (value) => {
    for (const interval of [youngIntervalSeconds, dalyIntervalSeconds]) {
      const must = `must be a finite number above 0, but is ${value}`
      expect(() => interval({ overheadSeconds: value, mtbfSeconds: 1 })).toThrow(`the overhead ${must}`)
      expect(() => interval({ overheadSeconds: 1, mtbfSeconds: value })).toThrow(
        `the mean time between failures ${must}`,
      )
    }
  })
})
