import { expect, it } from 'vitest'
import { Samples } from '../../src/machine/launcher/reporting/samples.ts'

function samplesOf(values: Iterable<number>): Samples {
  const samples = new Samples()
  for (const value of values) samples.add(value)
  return samples
}

it('gives zeros for no measurement', () => {
  expect(samplesOf([]).spread()).toEqual({ count: 0, median: 0, min: 0, max: 0 })
})

it('gives the exact median of few, odd and even in number', () => {
  expect(samplesOf([5, 1, 3]).spread()).toEqual({ count: 3, median: 3, min: 1, max: 5 })
  expect(samplesOf([5, 1, 3, 4]).spread()).toEqual({ count: 4, median: 3.5, min: 1, max: 5 })
})

it('keeps count and extremes of many, and comes near their median', () => {
  const values = Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 200_000)
  const { count, median, min, max } = samplesOf(values).spread()
  expect({ count, min, max }).toEqual({ count: 200_000, min: 0, max: 199_999 })
  expect(Math.abs(median - 100_000)).toBeLessThan(5_000)
})
