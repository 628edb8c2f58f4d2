import { describe, expect, it } from 'vitest'
import { candidateCanaries } from '../../src/simulator/canaries/candidate.ts'
import { type CanaryName, canaries, minimize, replay, runScenario, runSeed } from '../../src/simulator/index.ts'
import type { Violation } from '../../src/simulator/oracle/oracle.ts'
import { patient } from '../load.ts'

/** Every canary is found within as many seeds; most within ten. */
const seedsMax = 400

/** The first seed that finds a canary, or null. */
function findingSeed(canary: CanaryName): number | null {
  for (let seed = 1; seed <= seedsMax; seed += 1) if (runSeed(seed, { canary }).violation) return seed
  return null
}

describe(`the checkers bite: each canary is found within ${seedsMax} seeds`, () => {
  // Those of conductors that may be lost are told from each other by what they do: candidates.test.ts.
  const names = (Object.keys(canaries) as CanaryName[]).filter((name) => !Object.hasOwn(candidateCanaries, name))
  it.each(names)('%s', { timeout: patient(60_000) }, (name) => {
    expect(findingSeed(name)).not.toBeNull()
  })

  it('there are enough of them, each trap of the paper among them', () => {
    const names = Object.keys(canaries)
    expect(names.length).toBeGreaterThanOrEqual(45)
    for (let trap = 1; trap <= 11; trap += 1) {
      expect(names.some((name) => name.startsWith(`trap-${String(trap).padStart(2, '0')}-`))).toBe(true)
    }
  })
})

/** One or more for each of F1 to F4. */
const ofDisks: readonly CanaryName[] = [
  'manifest-before-all-files',
  'counts-before-its-manifest',
  'two-checkpoints-at-once',
  'outputs-not-taken-back',
  'outputs-marked-too-late',
  'one-does-not-go-back-to-the-disk',
  'commit-before-its-manifest',
  'output-before-it-is-on-disk',
]

describe('a rule of checkpoints on disk that is broken is found by the first seeds', () => {
  it.each(ofDisks)('%s', { timeout: 60_000 }, (canary) => expect(findingSeed(canary)).toBeLessThanOrEqual(50))
})

/** They break no other promise than that what is kept is bounded: no other checker says anything. */
const wasteful: readonly CanaryName[] = [
  'acknowledged-entries-kept',
  'receipts-kept',
  'repetition-not-acknowledged',
  'recycles-too-late',
  'taken-output-kept',
]

/** What O7 says of them, where more than one of its parts might. */
const saying: Partial<Record<CanaryName, RegExp>> = { 'taken-output-kept': /^a\d keeps output \d+, which was taken$/ }

describe('what keeps too much is found by the bounds alone', () => {
  it.each(wasteful)('%s', { timeout: 60_000 }, (canary) => {
    const found: Violation[] = []
    for (let seed = 1; seed <= 60; seed += 1) {
      const { violation } = runSeed(seed, { canary })
      if (violation) found.push(violation)
    }
    expect([...new Set(found.map(({ kind }) => kind))]).toEqual(['UNBOUNDED'])
    for (const { detail } of found) expect(detail).toMatch(saying[canary] ?? /./)
  })
})

describe('who is wrongly said to wait for ever is found by O10 alone', () => {
  it('rest-without-what-is-in-transit', { timeout: 60_000 }, () => {
    const found = new Set<string>()
    for (let seed = 1; seed <= 60; seed += 1) {
      const { violation } = runSeed(seed, { canary: 'rest-without-what-is-in-transit' })
      if (violation) found.add(`${violation.kind}: ${violation.detail}`)
    }
    expect([...found]).toEqual(['STUCK: the program goes on, and is said to wait for ever'])
  })
})

/** A run that ends otherwise than well shows how. */
const badEnd = 'the run ended: '

describe('what is found is made shorter, and written as a scenario that shows it again', () => {
  it.each([
    'trap-06-orphan',
    'trap-07-old-frames',
    'trap-10-output',
    'survivors-do-not-go-back',
    'staged-delta-kept',
    'resumes-too-early',
  ] as const)('%s', { timeout: 60_000 }, (canary) => {
    const seed = findingSeed(canary)!
    const before = runSeed(seed, { canary, record: true })
    const { kind, detail } = before.violation!
    const sign = detail.startsWith(badEnd) ? detail.slice(badEnd.length) : `${kind}: `
    const minimal = minimize(seed, { canary })!
    expect(minimal.moves).toBeLessThan(before.moves.length / 5)
    expect(minimal.faults).toBeLessThan(4)
    expect(minimal.scenario.split('\n----\n')[1]).toContain(sign)
    expect(runScenario(minimal.scenario)).toBe(minimal.scenario)
    // It is the broken rule that goes wrong, not the machine: without the canary the same moves are harmless.
    const { machine } = minimal.script
    expect(replay({ ...minimal.script, machine: { ...machine, canary: null } }).violation).toBeNull()
  })

  it.each([
    ['trap-09-believed-dead', 'partitions', 'partition'],
    ['coefficients-swapped', 'jointLosses', 'crash'],
    ['trap-07-old-frames', 'clockJumps', 'suspect'],
  ] as const)('%s, found with %s alone', { timeout: 60_000 }, (canary, kind, command) => {
    const options = { canary, faults: [kind] }
    let seed = 1
    while (!runSeed(seed, options).violation) seed += 1
    const { scenario } = minimize(seed, options)!
    expect(scenario).toContain(`quietly ${command} `)
    expect(runScenario(scenario)).toBe(scenario)
  })

  it('coefficients-swapped, found in groups', { timeout: 60_000 }, () => {
    const groups = { processesMin: 4, processesMax: 4, tolerateMin: 2, groupSizeMin: 2 }
    const options = { canary: 'coefficients-swapped', faults: ['jointLosses'], ...groups } as const
    let seed = 1
    while (!runSeed(seed, options).violation) seed += 1
    const { scenario } = minimize(seed, options)!
    expect(scenario).toContain(' tolerate=2 group-size=2 ')
    expect(runScenario(scenario)).toBe(scenario)
  })

  it('a seed that goes right cannot be made shorter', () => expect(minimize(1)).toBeNull())
})
