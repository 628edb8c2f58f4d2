import { expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { bootstrap, estimate } from '../../src/evaluation/index.ts'

it('a median has its interval within the samples, and the same one each time', () => {
  const samples = [5, 1, 4, 2, 3, 9, 7]
  const found = estimate(samples)!
  expect(found.median).toBe(4)
  expect(found.low).toBeGreaterThanOrEqual(1)
  expect(found.high).toBeLessThanOrEqual(9)
  expect(estimate(samples)).toEqual(found)
  expect(estimate([])).toBeNull()
  expect(estimate([6])).toMatchObject({ median: 6, low: 6, high: 6 })
})

it('95 % intervals hold the true median about as often as they say', () => {
  const random = seededRandom(7)
  const trials = 200
  let held = 0
  for (let trial = 0; trial < trials; trial += 1) {
    const { low, high } = estimate(Array.from({ length: 15 }, () => random.integer(0, 2000) - 1000))!
    if (low <= 0 && 0 <= high) held += 1
  }
  expect(held / trials).toBeGreaterThan(0.88)
})

it('draws whole rounds: what was measured together stays together', () => {
  const [above, below] = [
    [1, 10, 100],
    [2, 20, 200],
  ]
  const sum = (values: readonly number[], picked: readonly number[]) =>
    picked.reduce((total, index) => total + values[index]!, 0)
  expect(bootstrap(3, (picked) => sum(above!, picked) / sum(below!, picked))).toEqual({
    value: 0.5,
    low: 0.5,
    high: 0.5,
  })
})
