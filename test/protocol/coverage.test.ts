import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../src/parity/index.ts'
import { covers, rebuildPlan, toleranceFor } from '../../src/protocol/conductor/coverage.ts'
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
