/** Conductors that may be lost, with real processors: random runs from seeds, and what each rule is there for. */
import { describe, expect, it } from 'vitest'
import { candidateCanaries } from '../../src/simulator/canaries/candidate.ts'
import {
  minimize,
  type RandomRun,
  type RandomRunOptions,
  replay,
  runScenario,
  runSeed,
} from '../../src/simulator/index.ts'

function runsOf(seeds: number, conductors: number, options: Pick<RandomRunOptions, 'storages'> = {}): RandomRun[] {
  return Array.from({ length: seeds }, (_, index) => runSeed(index + 1, { conductors, ...options }))
}

const takeOversOf = (runs: readonly RandomRun[]): number => runs.reduce((sum, { takeOvers }) => sum + takeOvers, 0)

const failed = (runs: readonly RandomRun[]): unknown[] =>
  runs.filter(({ violation }) => violation).map(({ seed, violation }) => ({ seed, violation }))

describe('a machine whose conductor is lost, frozen, cut off or doubled', () => {
  it('ends right, from each of 60 seeds', () => {
    const runs = runsOf(60, 2)
    expect(failed(runs)).toEqual([])
    expect(takeOversOf(runs)).toBeGreaterThan(60)
    const struck = new Set(runs.flatMap(({ strikes }) => strikes.map(({ kind }) => kind)))
    expect([...struck]).toEqual(
      expect.arrayContaining([
        'conductorLosses',
        'conductorFreezes',
        'conductorCuts',
        'conductorDoubts',
        'watcherLeaves',
      ]),
    )
  })

  it('ends right where three may conduct', () => {
    const runs = runsOf(20, 3)
    expect(failed(runs)).toEqual([])
    expect(takeOversOf(runs)).toBeGreaterThan(20)
  })

  it('is drawn now and then, and not where one was asked for', () => {
    const shares = [undefined, 1].map((conductors) => {
      const runs = Array.from({ length: 30 }, (_, seed) =>
        runSeed(seed, { ...(conductors ? { conductors } : {}), faults: [] }),
      )
      return runs.filter(({ machine }) => machine.conductors !== undefined).length
    })
    expect(shares[0]).toBeGreaterThan(2)
    expect(shares[1]).toBe(0)
  })

  it('meets only what is asked for, and is drawn where nothing else may happen', () => {
    const runs = Array.from({ length: 20 }, (_, seed) => runSeed(seed, { faults: ['conductorLosses'] }))
    expect(failed(runs)).toEqual([])
    expect(new Set(runs.map(({ machine }) => machine.conductors))).toEqual(new Set([2, 3]))
    expect(new Set(runs.flatMap(({ strikes }) => strikes.map(({ kind }) => kind)))).toEqual(
      new Set(['conductorLosses']),
    )
  })
})

describe('such a machine that keeps checkpoints on disk', () => {
  it('ends right, with files that count, from each of 110 seeds (C7)', () => {
    const runs = runsOf(110, 2, { storages: ['beside', 'alone'] })
    expect(failed(runs)).toEqual([])
    const [stored, returns] = runs.reduce(([all, back], one) => [all + one.stored, back + one.fromDisk], [0, 0])
    expect(takeOversOf(runs)).toBeGreaterThan(110)
    expect(stored).toBeGreaterThan(110)
    expect(returns).toBeGreaterThan(110)
  })
})

describe('a program that ends its processor again and again, and now and then the conductor beside it', () => {
  it('ends the run, however often somebody takes over, from each of 30 seeds (C1)', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { violation, outcome } = runSeed(seed, { conductors: 2, isDeadly: true })
      expect({ seed, violation, end: outcome?.type }).toEqual({ seed, violation: null, end: 'repeatedLoss' })
    }
  })
})

describe('a process of such a machine that keeps too much', () => {
  it.each(['transit-not-counted-after-recovery', 'never-held-back-again', 'output-not-counted'] as const)(
    'is found as elsewhere (O7): %s',
    (canary) => {
      const kinds = Array.from({ length: 20 }, (_, seed) => runSeed(seed, { canary, conductors: 2 }).violation?.kind)
      expect(kinds).toContain('UNBOUNDED')
    },
  )
})

type Name = keyof typeof candidateCanaries

const finds: Record<Name, RegExp> = {
  'begun-forgotten': /WRONG MEMORY|WRONG PARITY/,
  'counts-forgotten': /STUCK: a\d was lost \d+ times in a row/,
  'told-before-agreed': /TOLD BEFORE AGREED/,
  'stale-order-obeyed': /STALE ORDER/,
  'newcomer-says-nothing': /STUCK/,
  'rollback-forgotten': /STUCK/,
  'promise-not-kept': /output comes in order|LOST|STUCK/,
  'no-replica-takes-over': /without being a replica/,
  'takes-over-unasked': /without having asked/,
  'outcome-forgotten': /the outcome changes/,
  'outcome-before-the-record': /TOLD BEFORE AGREED: the outcome/,
  'number-given-twice': /DUPLICATE: number \d+ is given/,
  'disk-not-waited-for': /LOST|UNBOUNDED|ASSERTION/,
  'released-anew': /LOST|OUT OF ORDER/,
  'released-twice': /OUT OF ORDER/,
  'unfetched-forgotten': /LOST/,
  'output-let-go-early': /output comes in order|LOST|STUCK/,
  'unfetched-without-bound': /UNBOUNDED/,
  'replica-forgets': /STUCK|LOST|output comes in order|UNBOUNDED/,
  'replicas-not-waited-for': /output comes in order|OUT OF ORDER|LOST/,
}

/** What it takes to be found soon, where not everything shows it: a conductor that goes on after a pause. */
const conditions: Partial<Record<Name, RandomRunOptions>> = {
  'promise-not-kept': { faults: ['conductorFreezes'] },
}

/** The first seed that finds it, and what it finds. */
function firstFinding(canary: Name): { seed: number; found: string } | null {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { violation } = runSeed(seed, { ...conditions[canary], canary })
    if (violation) return { seed, found: `${violation.kind}: ${violation.detail}` }
  }
  return null
}

const seedsMax = 200

describe(`the first ${seedsMax} seeds find`, { timeout: 60_000 }, () => {
  it.each(Object.keys(candidateCanaries) as Name[])('%s', (name) => {
    expect(firstFinding(name)?.found).toMatch(finds[name])
  })
})

describe('what is found is made shorter, and written as a scenario that shows it again', { timeout: 60_000 }, () => {
  const names = ['told-before-agreed', 'stale-order-obeyed', 'rollback-forgotten', 'number-given-twice'] as const
  it.each(names)('%s', (canary) => {
    const { seed, found } = firstFinding(canary)!
    const minimal = minimize(seed, { canary })!
    const { violation } = replay(minimal.script)
    expect(`${violation?.kind}`).toBe(found.split(':')[0])
    expect(minimal.moves).toBeLessThan(60)
    expect(minimal.scenario).toMatch(/^machine .* conductors=2 /m)
    expect(minimal.scenario).toContain(`\n${violation?.kind}: `)
    expect(runScenario(minimal.scenario)).toBe(minimal.scenario)
  })

  it('where more is needed for it, too: disk-not-waited-for', () => {
    const canary = 'disk-not-waited-for'
    const { seed, found } = firstFinding(canary)!
    const { script, scenario } = minimize(seed, { canary })!
    expect(found).toContain(replay(script).violation!.detail)
    expect(scenario).toContain(replay(script).violation!.detail)
  })
})
