import { describe, expect, it } from 'vitest'
import { type Rest, waitsForEver } from '../../src/protocol/index.ts'

const waiting: Rest = {
  epoch: 2,
  steps: 5,
  resting: true,
  waitsFor: [{ from: 1, tag: null }],
  sent: 3,
  arrived: 3,
}
const done: Rest = { ...waiting, waitsFor: [] }

describe('a program waits for ever', () => {
  it.each([
    ['when all wait and everything sent has arrived', [waiting, waiting], [waiting, waiting], true],
    ['when the others are done', [waiting, done], [waiting, done], true],
    [
      'whoever has sent what the others have',
      [
        { ...waiting, sent: 4 },
        { ...waiting, arrived: 4 },
      ],
      null,
      true,
    ],
    ['but not when all are done', [done, done], [done, done], false],
    ['but not while a message is under way', [{ ...waiting, sent: 4 }, waiting], null, false],
    ['but not while one works', [{ ...waiting, resting: false }, waiting], [waiting, waiting], false],
    ['but not if one has worked in between', [waiting, waiting], [{ ...waiting, steps: 6 }, waiting], false],
    [
      'but not if a message came in between',
      [waiting, waiting],
      [
        { ...waiting, arrived: 2 },
        { ...waiting, arrived: 4 },
      ],
      false,
    ],
    [
      'but not across a recovery',
      [waiting, waiting],
      [
        { ...waiting, epoch: 3 },
        { ...waiting, epoch: 3 },
      ],
      false,
    ],
    ['but not before all were asked twice', [], [waiting, waiting], false],
  ] as const)('%s', (_, before, after, expected) => {
    expect(waitsForEver(before, after ?? before)).toBe(expected)
  })
})
