import { describe, expect, it } from 'vitest'
import { type CanaryName, canaries, minimize, runScenario, runSeed } from '../../src/simulator/index.ts'

/** Every canary is found within as many seeds; most within ten. */
const seedsMax = 400

/** The first seed that finds a canary, or null. */
function findingSeed(canary: CanaryName): number | null {
  for (let seed = 1; seed <= seedsMax; seed += 1) if (runSeed(seed, { canary }).violation) return seed
  return null
}

describe(`the checkers bite: each canary is found within ${seedsMax} seeds`, () => {
  it.each(Object.keys(canaries) as CanaryName[])('%s', { timeout: 60_000 }, (name) => {
    expect(findingSeed(name)).not.toBeNull()
  })

  it('there are enough of them, each trap of the paper among them', () => {
    const names = Object.keys(canaries)
    expect(names.length).toBeGreaterThanOrEqual(30)
    for (let trap = 1; trap <= 11; trap += 1) {
      expect(names.some((name) => name.startsWith(`trap-${String(trap).padStart(2, '0')}-`))).toBe(true)
    }
  })
})

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
    const { kind } = before.violation!
    const minimal = minimize(seed, { canary })!
    expect(minimal.moves).toBeLessThan(before.moves.length / 5)
    expect(minimal.faults).toBeLessThan(4)
    const [commands, told] = minimal.scenario.split('\n----\n')
    expect(told).toContain(`${kind}: `)
    expect(runScenario(minimal.scenario)).toBe(minimal.scenario)
    // It is the broken rule that goes wrong, not the machine: without the canary the same moves are harmless.
    const unbroken = runScenario(`${commands!.replace(/ canary=\S+/, '')}\n----\n`)
    expect(unbroken.split('\n----\n')[1]).not.toContain(`${kind}: `)
  })

  it('a seed that goes right cannot be made shorter', () => expect(minimize(1)).toBeNull())
})
