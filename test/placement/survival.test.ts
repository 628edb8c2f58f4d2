import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../src/parity/index.ts'
import { placesOf } from '../../src/placement/index.ts'
import { allSubsets, binomial, countSurvival, coverageOf, type Placement } from '../../src/placement/survival.ts'

/** What the code promises, said without the code: of each group at most as many losses as it has rows left. */
function isSurvived(code: ErasureCode, placement: Placement, domainOf: readonly number[], lost: readonly number[]) {
  const isLost = (place: string): boolean => lost.includes(domainOf[placement.get(place as 'a0')!]!)
  const rowIsLost = (row: number): boolean => isLost(`c${row}`) && (code.copies === 1 || isLost(`b${row}`))
  const rows = Array.from({ length: code.checks }, (_, row) => row)
  const ranks = Array.from({ length: code.processes }, (_, rank) => rank)
  const groups = rows.slice(0, code.groups).map((first) => rows.filter((row) => row % code.groups === first))
  return groups.every((group) => {
    const members = ranks.filter((rank) => group.some((row) => code.coefficient(row, rank) !== 0))
    return members.filter((rank) => isLost(`a${rank}`)).length <= group.filter((row) => !rowIsLost(row)).length
  })
}

const codes = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }))
    .map(([n, m, groupSize]) => reedSolomonCode(n, m, groupSize)),
  fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 2 })).map(([n, groups]) => groupsCode(n, groups)),
  fc.integer({ min: 1, max: 4 }).map((n) => mirrorCode(n)),
)

describe('survival', () => {
  it('is what a count by hand says, for any code, hosts and domains', () => {
    const setting = codes.chain((code) =>
      fc.record({
        code: fc.constant(code),
        domainOf: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 5, maxLength: 7 }),
        at: fc.array(fc.nat(), { minLength: placesOf(code).length, maxLength: placesOf(code).length }),
        losses: fc.integer({ min: 1, max: 3 }),
      }),
    )
    fc.assert(
      fc.property(setting, ({ code, domainOf, at, losses }) => {
        const placement: Placement = new Map(
          placesOf(code).map((place, index) => [place, at[index]! % domainOf.length]),
        )
        const isCovered = coverageOf(code, placement, domainOf)
        const ways = Array.from(allSubsets(5, losses), (lost) => [...lost])
        const uncovered = ways.filter((lost) => !isSurvived(code, placement, domainOf, lost))
        const survival = countSurvival(isCovered, 5, losses)
        expect(survival).toMatchObject({ losses, ways: ways.length, counted: ways.length, uncovered: uncovered.length })
        expect(survival.examples).toEqual(uncovered.slice(0, 20))
        expect(survival.uncoveredShareMax).toBe(uncovered.length / ways.length)
      }),
      { numRuns: 400 },
    )
  })

  it('is drawn where there are too many ways, with a bound above the share', () => {
    // Of 200 domains, the loss of any that has domain 0 in it is not covered: 4 of 200 ways.
    const survival = countSurvival((lost) => !lost.includes(0), 200, 4)
    expect(survival.ways).toBe(64_684_950)
    expect(survival.counted).toBe(100_000)
    expect(survival.uncovered / survival.counted).toBeCloseTo(0.02, 2)
    expect(survival.uncoveredShareMax).toBeGreaterThan(0.02)
    expect(survival.uncoveredShareMax).toBeLessThan(0.03)
    expect(countSurvival((lost) => !lost.includes(0), 200, 4, 2).uncovered).not.toBe(survival.uncovered)
  })

  it('is never said to be certain by drawing', () => {
    const { uncovered, uncoveredShareMax } = countSurvival(() => true, 1000, 3)
    expect(uncovered).toBe(0)
    expect(uncoveredShareMax).toBeGreaterThan(0.000_04)
    expect(uncoveredShareMax).toBeLessThan(0.000_05)
  })
})

describe('subsets', () => {
  it('are each there once, ascending', () => {
    for (const [of, size] of [
      [0, 0],
      [1, 1],
      [5, 2],
      [6, 6],
      [7, 3],
    ] as const) {
      const all = Array.from(allSubsets(of, size), (one) => one.join(' '))
      expect(new Set(all).size).toBe(binomial(of, size))
      expect(all).toHaveLength(binomial(of, size))
    }
    expect([...allSubsets(2, 3)]).toEqual([])
    expect(binomial(2, 3)).toBe(0)
    expect(binomial(60, 30)).toBeCloseTo(118_264_581_564_861_420, -6)
  })
})
