import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../src/parity/index.ts'
import { arrangeSpares, hostsForNext, placesOf, sparesOnHosts } from '../../src/placement/index.ts'
import { covers, type Place, type Vacancies } from '../../src/protocol/index.ts'

type Spare = Vacancies['spares'][number]

const sparesOn = (hosts: readonly string[]): Spare[] =>
  hosts.map((host, index) => ({ processor: processorId(index + 1), host }))

/** How many hosts cannot be lost. */
function uncoveredIn(code: ErasureCode, placement: ReadonlyMap<Place, string>): number {
  const hosts = [...new Set(placement.values())]
  const isUncovered = (host: string): boolean =>
    !covers(code, new Set([...placement].filter(([, one]) => one === host).map(([place]) => place)))
  return hosts.filter(isUncovered).length
}

/** Where everything is then. */
function placed(vacancies: Vacancies): Map<Place, string> {
  const chosen = arrangeSpares(vacancies)
  const hostOf = new Map(vacancies.spares.map(({ processor, host }) => [processor, host]))
  return new Map([...vacancies.kept, ...[...chosen].map(([place, spare]) => [place, hostOf.get(spare)!] as const)])
}

/** Fewest hosts that cannot be lost, over all ways to give the vacant places to spares. */
function least(
  code: ErasureCode,
  vacant: readonly Place[],
  spares: readonly string[],
  kept: Map<Place, string>,
): number {
  const [place, ...others] = vacant
  if (place === undefined) return uncoveredIn(code, kept)
  const ways = [...new Set(spares)].map((host) =>
    least(code, others, spares.toSpliced(spares.indexOf(host), 1), new Map(kept).set(place, host)),
  )
  return Math.min(...ways)
}

const codes = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 }))
    .map(([processes, tolerate]) => reedSolomonCode(processes, tolerate)),
  fc.integer({ min: 2, max: 4 }).map((processes) => groupsCode(processes, 2)),
  fc.integer({ min: 1, max: 4 }).map((processes) => mirrorCode(processes)),
)
const hostName = fc.integer({ min: 1, max: 4 }).map((number) => `h${number}`)

describe('spares take vacant places', () => {
  it('so that no choice of them leaves fewer hosts that cannot be lost', () => {
    const setting = codes.chain((code) => {
      const places = placesOf(code)
      return fc.record({
        code: fc.constant(code),
        vacant: fc.subarray(places, { minLength: 1, maxLength: Math.min(3, places.length) }),
        hosts: fc.array(hostName, { minLength: places.length, maxLength: places.length }),
        spares: fc.array(hostName, { minLength: 3, maxLength: 5 }),
      })
    })
    fc.assert(
      fc.property(setting, ({ code, vacant, hosts, spares }) => {
        const all = placesOf(code).map((place, index) => [place, hosts[index]!] as const)
        const kept = new Map(all.filter(([place]) => !vacant.includes(place)))
        const found = placed({ code, kept, vacant, spares: sparesOn(spares) })
        expect(uncoveredIn(code, found)).toBe(least(code, vacant, spares, kept))
      }),
      { numRuns: 150 },
    )
  })

  it('one each, always the same, and of those on a host the oldest', () => {
    const code = reedSolomonCode(2, 1)
    const vacancies: Vacancies = {
      ...{ code, kept: new Map([['a0', 'h1'] as const, ['c0', 'h2'] as const]), vacant: ['a1', 'b0'] },
      spares: sparesOn(['h3', 'h3', 'h4', 'h4']),
    }
    const chosen = arrangeSpares(vacancies)
    expect([...chosen.values()].sort()).toEqual([1, 3])
    expect(arrangeSpares(vacancies)).toEqual(chosen)
  })
})

/** The launcher's part: processors are started where they are wanted, and what is ready is given places. */
class Launched {
  readonly code: ErasureCode
  held = new Map<Place, string>()
  idle: string[] = []

  constructor(code: ErasureCode) {
    this.code = code
  }

  start(hosts: readonly string[], count: number): void {
    const starting = hosts.map((name) => ({ name, room: null }))
    this.idle.push(...hostsForNext({ hosts: starting, code: this.code, held: this.held, idle: this.idle }, count))
  }

  fill(vacant: readonly Place[]): void {
    const chosen = arrangeSpares({ code: this.code, kept: this.held, vacant, spares: sparesOn(this.idle) })
    const taken = new Map([...chosen].map(([place, spare]) => [place, this.idle[spare - 1]!]))
    this.held = new Map([...this.held, ...taken])
    for (const host of taken.values()) this.idle.splice(this.idle.indexOf(host), 1)
  }

  sparesNeeded(hosts: readonly string[]): number {
    const all = hosts.map((name) => ({ name, room: null }))
    return sparesOnHosts({ hosts: all, code: this.code, held: this.held, idle: this.idle })
  }

  /** All of a host is lost, and made again on the others; processors are started for what has no spare. */
  lose(host: string, left: readonly string[]): void {
    const vacant = [...this.held].filter(([, one]) => one === host).map(([place]) => place)
    for (const place of vacant) this.held.delete(place)
    this.idle = this.idle.filter((one) => one !== host)
    if (this.idle.length < vacant.length) this.start(left, vacant.length - this.idle.length)
    this.fill(vacant)
  }
}

describe('processors are started on hosts', () => {
  it.each([
    [reedSolomonCode(4, 1), 5],
    [reedSolomonCode(3, 1), 4],
    [reedSolomonCode(4, 2), 7],
    [reedSolomonCode(8, 1, 4), 6],
    [mirrorCode(4), 4],
  ])('so that any one may be lost, and after that any other one: %o on %i hosts', (code, count) => {
    const hosts = Array.from({ length: count }, (_, index) => `h${index + 1}`)
    for (const lost of hosts) {
      const launched = new Launched(code)
      launched.start(hosts, placesOf(code).length)
      launched.fill(placesOf(code))
      expect(uncoveredIn(code, launched.held)).toBe(0)
      launched.start(hosts, launched.sparesNeeded(hosts))
      const left = hosts.filter((host) => host !== lost)
      launched.lose(lost, left)
      expect(uncoveredIn(code, launched.held), `after ${lost}`).toBe(0)
    }
  })

  it('where there are fewest, when nothing keeps checkpoints', () => {
    const hosts = ['h1', 'h2', 'h3'].map((name) => ({ name, room: null }))
    const started = hostsForNext({ hosts, code: null, held: new Map(), idle: ['h1'] }, 4)
    expect(started).toEqual(['h2', 'h3', 'h1', 'h2'])
  })

  it('as far as there is room, and nowhere else', () => {
    const hosts = [
      { name: 'h1', room: 1 },
      { name: 'h2', room: 2 },
      { name: 'h3', room: 0 },
    ]
    const started = hostsForNext({ hosts, code: reedSolomonCode(4, 1), held: new Map(), idle: [] }, 6)
    expect(started.sort()).toEqual(['h1', 'h2', 'h2'])
  })
})
