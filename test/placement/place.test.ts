import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../src/parity/index.ts'
import {
  countSurvival,
  coverageOf,
  domainsOf,
  type Placement,
  type PlannedHost,
  placeAgain,
  placeOnHosts,
  placesOf,
  planMachine,
} from '../../src/placement/index.ts'

const hostsOf = (count: number, given: Partial<PlannedHost> = {}): PlannedHost[] =>
  Array.from({ length: count }, (_, index) => ({ name: `h${index}`, rack: null, processorsMax: null, ...given }))

const uncoveredOf = (
  code: ErasureCode,
  placement: Placement,
  hosts: readonly PlannedHost[],
  losses: number,
): number => {
  const { names, ofHost } = domainsOf(hosts, 'host')
  return countSurvival(coverageOf(code, placement, ofHost), names.length, losses).uncovered
}

/** Fewest losses that nothing covers, over all placements there are. */
function least(code: ErasureCode, hosts: readonly PlannedHost[], losses: number): number {
  const places = placesOf(code)
  let best = Number.POSITIVE_INFINITY
  for (let number = 0; number < hosts.length ** places.length; number += 1) {
    const placement = new Map(
      places.map((place, index) => [place, Math.floor(number / hosts.length ** index) % hosts.length]),
    )
    best = Math.min(best, uncoveredOf(code, placement, hosts, losses))
    if (best === 0) break
  }
  return best
}

describe('a placement', () => {
  it('has every place once, on a host that has room for it, and is always the same', () => {
    const setting = fc.record({
      code: fc.oneof(
        fc
          .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 12 }))
          .map(([n, m, groupSize]) => reedSolomonCode(n, m, groupSize)),
        fc.integer({ min: 3, max: 12 }).map((n) => groupsCode(n, 3)),
        fc.integer({ min: 1, max: 8 }).map((n) => mirrorCode(n)),
      ),
      count: fc.integer({ min: 1, max: 9 }),
      spareRoom: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(setting, ({ code, count, spareRoom }) => {
        const processorsMax = Math.ceil(placesOf(code).length / count) + spareRoom
        const hosts = hostsOf(count, { processorsMax })
        const placement = placeOnHosts({ hosts, code, domain: 'host', losses: 1 })
        expect([...placement.keys()].sort()).toEqual(placesOf(code).sort())
        for (const host of hosts.keys()) {
          expect([...placement.values()].filter((at) => at === host).length).toBeLessThanOrEqual(processorsMax)
        }
        expect(placeOnHosts({ hosts, code, domain: 'host', losses: 1 })).toEqual(placement)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    [reedSolomonCode(2, 1), 3, 1],
    [reedSolomonCode(3, 1), 3, 1],
    [reedSolomonCode(3, 1), 4, 1],
    [reedSolomonCode(3, 1), 4, 2],
    [reedSolomonCode(2, 2), 3, 2],
    [reedSolomonCode(2, 2), 4, 2],
    [groupsCode(4, 2), 3, 1],
    [groupsCode(4, 2), 4, 1],
    [mirrorCode(4), 3, 1],
    [mirrorCode(3), 4, 2],
  ])('survives as much as any could (case %#)', (code, count, losses) => {
    const hosts = hostsOf(count)
    const placement = placeOnHosts({ hosts, code, domain: 'host', losses })
    expect(uncoveredOf(code, placement, hosts, losses)).toBe(least(code, hosts, losses))
  })

  it('of four processes survives the loss of any one of four hosts, though check processors share them', () => {
    const planned = planMachine({ hosts: hostsOf(4), code: reedSolomonCode(4, 1), domain: 'host', losses: 1 })
    expect(planned.survivals).toMatchObject([{ ways: 4, uncovered: 0 }])
  })

  it('in groups on n + 2 m hosts is the layout of the paper: several processors in each, and two nodes more', () => {
    const hosts = hostsOf(6, { processorsMax: 2 })
    const placement = placeOnHosts({ hosts, code: groupsCode(8, 2), domain: 'host', losses: 1 })
    const on = (host: number): string[] =>
      [...placement].filter(([, at]) => at === host).map(([place]) => place.charAt(0))
    expect(hosts.map((_, host) => on(host).join(''))).toEqual(['aa', 'aa', 'aa', 'aa', 'cc', 'bb'])
    expect(uncoveredOf(groupsCode(8, 2), placement, hosts, 1)).toBe(0)
  })

  it('keeps apart what shares a rack, where racks are what is lost', () => {
    const hosts = hostsOf(6).map((host, index) => ({ ...host, rack: `r${Math.floor(index / 2)}` }))
    const code = reedSolomonCode(3, 1)
    const byRack = planMachine({ hosts, code, domain: 'rack', losses: 1 })
    expect(byRack.domains).toEqual(['rack r0', 'rack r1', 'rack r2'])
    expect(byRack.survivals).toMatchObject([{ ways: 3, uncovered: 0 }])
  })
})

describe('after a recovery', () => {
  it.each([reedSolomonCode(4, 1), groupsCode(4, 1), reedSolomonCode(6, 1, 3)])(
    'the placement is counted again: what is left stays where it is, and room is kept to (case %#)',
    (code) => {
      const hosts = hostsOf(6, { processorsMax: 3 })
      const placement = placeOnHosts({ hosts, code, domain: 'host', losses: 1 })
      for (const lost of hosts.keys()) {
        const again = placeAgain({ hosts, code, domain: 'host' }, placement, lost)!
        for (const [place, host] of placement) {
          if (host === lost) expect(again.get(place)).not.toBe(lost)
          else expect(again.get(place)).toBe(host)
        }
        for (const host of hosts.keys())
          expect([...again.values()].filter((at) => at === host).length).toBeLessThanOrEqual(3)
      }
    },
  )

  it('four processes need five hosts, where four do for the first loss', () => {
    const setting = { code: reedSolomonCode(4, 1), domain: 'host', losses: 1 } as const
    const secondLosses = (count: number) => planMachine({ ...setting, hosts: hostsOf(count) }).secondLosses
    expect(secondLosses(5)).toEqual({ ways: 20, uncovered: 0, examples: [], withoutRoom: [] })
    const { ways, uncovered, examples } = secondLosses(4)
    expect(ways).toBe(12)
    // Five places on three hosts: whatever is done, some host has two members that no third one makes good.
    expect(uncovered).toBeGreaterThanOrEqual(4)
    expect(examples.length).toBe(uncovered)
  })

  it('names the domains after whose loss there is no room', () => {
    const rooms = [1, 2, 2, 4]
    const hosts = hostsOf(4).map((host, index) => ({ ...host, processorsMax: rooms[index]! }))
    const { secondLosses } = planMachine({ hosts, code: reedSolomonCode(4, 1), domain: 'host', losses: 1 })
    // Six places, and room for nine: without the last host there is too little.
    expect(secondLosses).toMatchObject({ ways: 9, withoutRoom: [3] })
  })
})

describe('the weakest part', () => {
  it('is the store where there are too few hosts for a majority', () => {
    const planned = planMachine({ hosts: hostsOf(4), code: reedSolomonCode(2, 2), domain: 'host', losses: 2 })
    expect(planned).toMatchObject({ replicas: 2, storeMembers: 3, weakest: ['store'] })
    expect(planned.survives).toMatchObject({ 'release log': 2, store: 1 })
  })

  it('is none where everything survives as much as asked for', () => {
    const planned = planMachine({ hosts: hostsOf(5), code: reedSolomonCode(2, 2), domain: 'host', losses: 2 })
    expect(planned).toMatchObject({ survives: { code: 2, 'release log': 2, store: 2 }, weakest: [] })
  })

  it('is all of them on one host', () => {
    const planned = planMachine({ hosts: hostsOf(1), code: reedSolomonCode(2, 1), domain: 'host', losses: 1 })
    expect(planned.survives).toEqual({ code: 0, 'release log': 0, store: 0 })
    expect(planned.weakest).toEqual(['code', 'release log', 'store'])
  })

  it('comes with whether the others have room for what a loss leaves without a host', () => {
    const code = reedSolomonCode(2, 1)
    const room = (processorsMax: number) =>
      planMachine({ hosts: hostsOf(3, { processorsMax }), code, domain: 'host', losses: 1 }).hasRoomAfter
    expect([room(2), room(3)]).toEqual([true, true])
    expect(planMachine({ hosts: hostsOf(2, { processorsMax: 2 }), code, domain: 'host', losses: 1 }).hasRoomAfter).toBe(
      false,
    )
  })
})
