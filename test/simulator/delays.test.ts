import { describe, expect, it } from 'vitest'
import { defaultRules, literalRules, type Rules } from '../../src/protocol/index.ts'
import {
  type Canary,
  canaries,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  runScenario,
  writeCounterExample,
} from '../../src/simulator/index.ts'
import { oneMessage } from './small-worlds.ts'

const {
  triangle,
  'channel-timeout': channelTimeout,
  'triangle-timeout': triangleTimeout,
}: Record<string, ExhaustiveWorld> = exhaustiveWorlds

describe('every schedule with few delays', { timeout: 120_000 }, () => {
  it('is right: 3 processors, 2 messages each, a crash at any moment', () => {
    const found = exploreExhaustively(triangle!, { delays: 1 })
    expect(found.counterExample).toBeNull()
    expect(found.isComplete).toBe(true)
    expect(found.finished).toBeGreaterThan(1000)
    expect(found.statesByDelays).toEqual([expect.any(Number), found.states])
    expect(found.states).toBeGreaterThan(100_000)
  })

  it('is right: 3 processors, 2 messages each, a timeout and a crash at any moment', () => {
    const found = exploreExhaustively(triangleTimeout!, { delays: 0 })
    expect(found.counterExample).toBeNull()
    expect(found.isComplete).toBe(true)
    expect(found.states).toBeGreaterThan(100_000)
  })

  it('is right where everybody is held up, and somebody has to say so', () => {
    const world: ExhaustiveWorld = exhaustiveWorlds['held-up']
    const found = exploreExhaustively(world, { delays: 1 })
    expect(found.counterExample).toBeNull()
    expect(found.finished).toBeGreaterThan(100)
    const mute: Canary = {
      application: (step, { process }, event) => {
        const isHeld = (): boolean => process.waiting.kind === 'continue'
        return step(event).filter((one) => one.type !== 'send' || one.frame.type !== 'stuck' || !isHeld())
      },
    }
    const { counterExample } = exploreExhaustively({ ...world, canary: mute }, { delays: 0 })
    expect(counterExample?.violation.kind).toBe('STUCK')
  })

  it('is right where captures have to wait, and too much was consumed ahead', () => {
    const found = exploreExhaustively(exhaustiveWorlds['held-without-commits'], { delays: 0 })
    expect(found.counterExample).toBeNull()
    expect(found.finished).toBeGreaterThan(100)
  })

  it('is among those with more', () => {
    const few = exploreExhaustively(oneMessage, { delays: 2 })
    const more = exploreExhaustively(oneMessage, { delays: 3 })
    expect(more.statesByDelays!.slice(0, 3)).toEqual(few.statesByDelays)
    expect(more.states).toBeGreaterThan(few.states)
    expect(more.finished).toBeGreaterThan(few.finished)
  })

  it('and enough delays lead to every end that there is', () => {
    const world: ExhaustiveWorld = { ...oneMessage, crashes: 0 }
    const all = exploreExhaustively(world)
    expect(all.statesByDelays).toBeNull()
    const finished = [0, 2, 12].map((delays) => exploreExhaustively(world, { delays }).finished)
    expect(finished[0]).toBeLessThan(finished[1]!)
    expect(finished[1]).toBeLessThan(finished[2]!)
    expect(finished[2]).toBe(all.finished)
  })

  it('up to a bound, and what was seen to its end is told', () => {
    const found = exploreExhaustively(triangle!, { delays: 3, statesMax: 20_000 })
    expect(found.isComplete).toBe(false)
    expect(found.statesByDelays).toHaveLength(1)
  })
})

const ofLog = (name: 'trap-01-unacknowledged' | 'trap-11-two-recoveries' | 'replay-without-watermark'): Rules => {
  const canary: Canary = canaries[name]
  return { ...defaultRules, ...canary.rules }
}

const ofLater: Rules = { ...defaultRules, captureBeforeLaterInterval: false }
const inOwnTime: Rules = { ...ofLater, captureInTurn: false }

describe('few delays are enough to find', { timeout: 120_000 }, () => {
  it.each([
    ['the tables of the paper', exhaustiveWorlds['literal-lost'], 'LOST', 1],
    ['the paper at its word', exhaustiveWorlds['literal-duplicate'], 'DUPLICATE', 0],
    ['a literal log', { ...oneMessage, rules: { ...defaultRules, log: 'literal' as const } }, 'LOST', 1],
    ['output that is not held', { ...oneMessage, rules: { ...defaultRules, holdOutput: false } }, 'TAKEN BACK', 0],
    ['old frames that count', { ...oneMessage, rules: { ...defaultRules, checkEpoch: false } }, 'ORPHAN', 0],
    ['what no ack has come for', { ...triangle!, rules: ofLog('trap-01-unacknowledged') }, 'LOST', 1],
    ['a replay without watermark', { ...triangle!, rules: ofLog('replay-without-watermark') }, 'DUPLICATE', 1],
    ['what is delivered before the capture', { ...channelTimeout!, rules: ofLater }, 'ORPHAN', 1],
    ['the same in the triangle, each in its own time', { ...triangleTimeout!, rules: inOwnTime }, 'ORPHAN', 0],
    ['all literal rules, in the triangle', { ...triangle!, rules: literalRules }, 'LOST', 0],
  ] as const)('%s', (_, world: ExhaustiveWorld, kind, delays) => {
    const { counterExample } = exploreExhaustively(world, { delays: 3 })
    expect(counterExample?.violation.kind).toBe(kind)
    expect(counterExample?.delays).toBe(delays)
    if (delays > 0) expect(exploreExhaustively(world, { delays: delays - 1 }).counterExample).toBeNull()
  })

  it('and what was found is told as a scenario that shows it again', () => {
    const world: ExhaustiveWorld = exhaustiveWorlds['literal-lost']
    const { counterExample } = exploreExhaustively(world, { delays: 1 })
    const scenario = writeCounterExample(world, counterExample!, ['Found.'])
    expect(scenario).toContain('\nLOST: m1 from a0 to a1\n')
    expect(runScenario(scenario!)).toBe(scenario)
  })
})
