import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { CopyYardstick, figureOf } from '../../src/measure/index.ts'

describe('a figure', () => {
  test('of an even number has its median in between', () => {
    expect(figureOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4, samples: [4, 1, 3, 2] })
    expect(() => figureOf([])).toThrow('measure: a figure is made of something')
  })

  property.prop([fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 })])(
    'has as many samples below its median as above it',
    (samples) => {
      const { median, min, max } = figureOf(samples)
      const below = samples.filter((one) => one < median).length
      const above = samples.filter((one) => one > median).length
      expect(Math.max(below, above)).toBeLessThanOrEqual(samples.length / 2)
      expect([min, max]).toEqual([Math.min(...samples), Math.max(...samples)])
    },
  )
})

test('a copy of far more bytes takes longer, beyond what is copied in fact too', () => {
  const yardstick = new CopyYardstick()
  const [page, some, all, beyond] = [4096, 2 ** 20, 2 ** 26, 2 ** 30].map((bytes) => yardstick.measureMs(bytes))
  expect(page).toBeGreaterThan(0)
  // By factors that even a busy machine cannot hide: 256, 64 and 16 are what they are.
  expect(some).toBeGreaterThan(10 * page!)
  expect(all).toBeGreaterThan(5 * some!)
  expect(beyond).toBeGreaterThan(2 * all!)
})
