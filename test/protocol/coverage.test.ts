import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../src/parity/index.ts'
import { allSubsets } from '../../src/placement/survival.ts'
import { covers, furtherLosses, rebuildPlan, toleranceFor } from '../../src/protocol/conductor/coverage.ts'
import { everyPlace, type Place, rankOf, rowOf } from '../../src/protocol/index.ts'
import { isRecoverable } from '../../src/simulator/oracle/recoverable.ts'

const grouped = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 9 }))
  .map(([processes, tolerate, groupSize]) => ({ processes, tolerate, groupSize }))

const lossOf = (code: ErasureCode): fc.Arbitrary<ReadonlySet<Place>> =>
  fc.subarray(everyPlace(code.processes, code)).map((places) => new Set(places))

const codes = fc.oneof(
  grouped.map(({ processes, tolerate, groupSize }) => reedSolomonCode(processes, tolerate, groupSize)),
  grouped.map(({ processes, groupSize }) => groupsCode(processes, Math.min(processes, groupSize))),
  grouped.map(({ processes }) => mirrorCode(processes)),
)

const smallCodes = codes.filter((code) => everyPlace(code.processes, code).length <= 12)

describe('groups of Reed–Solomon', () => {
  test.prop([grouped, fc.infiniteStream(fc.boolean())])(
    'say the least tolerance that covers what is lost beyond their own',
    ({ processes, tolerate, groupSize }, picks) => {
      const code = reedSolomonCode(processes, tolerate, groupSize)
      const lost = new Set(everyPlace(processes, code).filter(() => picks.next().value))
      const needed = toleranceFor(code, lost)
      expect(covers(code, lost)).toBe(needed <= tolerate)
      if (needed <= tolerate) return
      const more = Array.from({ length: 20 }, (_, rows) => reedSolomonCode(processes, rows + 1, groupSize))
      const lostOf = (one: ErasureCode): Set<Place> =>
        new Set(everyPlace(processes, one).filter((place) => lost.has(place)))
      expect(more.findIndex((one) => covers(one, lostOf(one))) + 1).toBe(needed)
    },
  )
})

describe('every code', () => {
  test.prop([codes.chain((code) => fc.tuple(fc.constant(code), lossOf(code)))])(
    'covers what it is defined to cover, by equations',
    ([code, lost]) => {
      expect(covers(code, lost)).toBe(isRecoverable(code, lost))
    },
  )

  test.prop([smallCodes.chain((code) => fc.tuple(fc.constant(code), lossOf(code)))], { numRuns: 300 })(
    'says how many further losses it covers, whichever they are',
    ([code, lost]) => {
      fc.pre(covers(code, lost))
      const left = everyPlace(code.processes, code).filter((place) => !lost.has(place))
      const isCovered = (further: number): boolean => {
        for (const more of allSubsets(left.length, further)) {
          if (!covers(code, new Set([...lost, ...more.map((at) => left[at]!)]))) return false
        }
        return true
      }
      const most = furtherLosses(code, lost)
      expect(isCovered(most)).toBe(true)
      // A row is lost with both its holders, a process with one: where a group has processes enough, so many more are too much.
      const isExact = Math.floor(code.processes / code.groups) > code.checks / code.groups
      if (isExact) expect(isCovered(most + 1)).toBe(false)
    },
  )

  test.prop([codes.chain((code) => fc.tuple(fc.constant(code), lossOf(code)))])(
    'rebuilds out of what is left of the group',
    ([code, lost]) => {
      fc.pre(covers(code, lost))
      const groupOf = (place: Place): number => (rankOf(place) ?? rowOf(place)!) % code.groups
      for (const { target, sources } of rebuildPlan(code, lost)) {
        for (const { place } of sources) {
          expect(lost.has(place)).toBe(false)
          expect(groupOf(place)).toBe(groupOf(target))
        }
      }
    },
  )
})
