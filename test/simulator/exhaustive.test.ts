import { describe, expect, it } from 'vitest'
import { defaultRules, literalRules } from '../../src/protocol/index.ts'
import {
  describeMoves,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  runScenario,
  writeCounterExample,
} from '../../src/simulator/index.ts'
import { oneMessage } from './small-worlds.ts'

const oneCommit: ExhaustiveWorld = { ...exhaustiveWorlds.commit, crashes: 1, symmetries: [[1, 0]] }
const checksLost: ExhaustiveWorld = { ...exhaustiveWorlds.commit, scripts: [[], []], victims: 'checks' }
const onlyTakenForLost: ExhaustiveWorld = { ...exhaustiveWorlds.suspicion, scripts: [[], []] }

describe('every interleaving is right', { timeout: 60_000 }, () => {
  it.each([
    ['1 message and 1 crash', oneMessage],
    ['a commit and 1 crash', oneCommit],
    ['a commit and 2 crashes of check processors', checksLost],
    ['a processor that is taken for lost and goes on', onlyTakenForLost],
    ['a freeze until the commit and 1 crash', exhaustiveWorlds['freeze-to-commit']],
    ['a freeze until all have captured and 1 crash', exhaustiveWorlds['freeze-to-capture']],
  ])('%s', (_, world) => {
    const found = exploreExhaustively(world)
    expect(found.counterExample).toBeNull()
    expect(found.isComplete).toBe(true)
    expect(found.finished).toBeGreaterThan(0)
    expect(found.states).toBeGreaterThan(50_000)
  })

  it('and repeats exactly', () => {
    expect(exploreExhaustively(oneCommit)).toEqual(exploreExhaustively(oneCommit))
  })

  it('with the mirror images of states taken as one, or each by itself', () => {
    const reduced = exploreExhaustively(oneCommit)
    const full = exploreExhaustively(oneCommit, { symmetry: false })
    expect(full.isComplete).toBe(true)
    expect(full.depth).toBe(reduced.depth)
    expect(full.states).toBeGreaterThan(1.9 * reduced.states)
    expect(full.states).toBeLessThanOrEqual(2 * reduced.states)
  })

  it('and only losses that no code covers end the run early', () => {
    const world: ExhaustiveWorld = { ...exhaustiveWorlds.commit, scripts: [[], []] }
    const found = exploreExhaustively(world, { statesMax: 300_000 })
    expect(found.counterExample).toBeNull()
    expect(found.uncovered).toBeGreaterThan(0)
  })

  it('up to a bound of states or of memory', () => {
    const few = exploreExhaustively(oneMessage, { statesMax: 10_000 })
    expect(few.isComplete).toBe(false)
    expect(few.states).toBeLessThan(40_000)
    const small = exploreExhaustively(oneMessage, { memoryBytesMax: 4 * 2 ** 20 })
    expect(small.isComplete).toBe(false)
    expect(small.counterExample).toBeNull()
  })
})

describe('the search finds by itself', { timeout: 60_000 }, () => {
  it.each(['literal-lost', 'literal-duplicate'] as const)('%s, and tells it as a scenario', (name) => {
    const world: ExhaustiveWorld = exhaustiveWorlds[name]
    const { counterExample } = exploreExhaustively(world)
    expect(counterExample?.violation.kind).toBe(world.wanted)
    const scenario = writeCounterExample(world, counterExample!, ['Found.'])
    expect(scenario).toContain(`\n${world.wanted}: m1 from a0 to a1\n`)
    expect(runScenario(scenario!)).toBe(scenario)
    expect(describeMoves(world, counterExample!.moves)[0]).toMatch(/^a\d: /)
  })

  it.each([
    ['that the log is literal', { ...defaultRules, log: 'literal' as const }],
    ['all of the literal rules', literalRules],
    ['that output is not held', { ...defaultRules, holdOutput: false }],
    ['that old frames count', { ...defaultRules, checkEpoch: false }],
  ])('%s', (_, rules) => {
    expect(exploreExhaustively({ ...oneMessage, rules }).counterExample).not.toBeNull()
  })

  it('that one that was given up is believed', () => {
    const world: ExhaustiveWorld = {
      ...exhaustiveWorlds.suspicion,
      rules: { ...defaultRules, checkEpoch: false },
      rulesOption: 'without=checkEpoch',
    }
    const { counterExample } = exploreExhaustively(world, { delays: 0 })
    expect(counterExample?.violation.kind).toBe('ORPHAN')
    const scenario = writeCounterExample(world, counterExample!, ['Found.'])
    expect(scenario).toContain('\nsuspect a0\n')
    expect(scenario).toContain('\nORPHAN: m1 from a0 to a1\n')
    expect(runScenario(scenario!)).toBe(scenario)
  })

  it('that a message of a later interval is consumed', () => {
    const rules = { ...defaultRules, captureBeforeLaterInterval: false }
    const world: ExhaustiveWorld = { ...exhaustiveWorlds.timeout, rules, crashesFromCheckpoint: 1 }
    expect(exploreExhaustively(world).counterExample?.violation.kind).toBe('ORPHAN')
  })
})
