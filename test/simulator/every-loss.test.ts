/** Every loss of the conductor in a small machine that goes in turn, and what is found by it. */
import { describe, expect, it } from 'vitest'
import type { candidateCanaries } from '../../src/simulator/canaries/candidate.ts'
import { runScenario } from '../../src/simulator/index.ts'
import { writeScenario } from '../../src/simulator/scenario/write-scenario.ts'
import { type EveryLossOptions, exploreEveryLoss } from '../../src/simulator/search/every-loss.ts'
import { shrink } from '../../src/simulator/search/shrink.ts'

describe('the conductor is lost at any moment', { timeout: 60_000 }, () => {
  it.each<[string, EveryLossOptions, number]>([
    ['with nothing of what it has sent', { losses: ['nothing'] }, 150],
    ['between two effects', { losses: [1] }, 150],
    ['and a process beside it, before or after', { losses: ['nothing'], beside: 'loss', stride: 13 }, 150],
    ['and a link stands still', { losses: ['all'], beside: 'delay', stride: 13 }, 150],
  ])('%s', (_, options, least) => {
    const { schedules, takeOvers, failure } = exploreEveryLoss(options)
    expect(failure).toBeNull()
    expect(schedules).toBeGreaterThan(least)
    // Who takes over may be needed only when all is said.
    expect(takeOvers).toBeGreaterThan(0.9 * schedules)
  })
})

type Name = keyof typeof candidateCanaries

const lost: EveryLossOptions = { losses: ['nothing'] }

const finds: readonly (readonly [Name, RegExp, EveryLossOptions?])[] = [
  ['begun-forgotten', /WRONG MEMORY/, { ...lost, beside: 'loss', stride: 3 }],
  ['told-before-agreed', /TOLD BEFORE AGREED/],
  ['stale-order-obeyed', /STALE ORDER/, { losses: ['all'], beside: 'delay', stride: 3 }],
  ['newcomer-says-nothing', /STUCK/],
  ['rollback-forgotten', /STUCK/],
  ['no-replica-takes-over', /without being a replica/],
  ['takes-over-unasked', /without having asked/],
  ['outcome-forgotten', /the outcome changes/],
  ['outcome-before-the-record', /TOLD BEFORE AGREED: the outcome/],
  ['released-anew', /LOST/],
  ['released-twice', /OUT OF ORDER/],
  ['unfetched-forgotten', /LOST/],
  ['output-let-go-early', /STUCK|LOST|output comes in order/],
  ['replica-forgets', /STUCK|LOST/],
]

describe('so is found', { timeout: 60_000 }, () => {
  const cases = finds.map(([name, found, options = lost]) => ({ name, found, options }))
  it.each(cases)('$name', ({ name: canary, found, options }) => {
    const { failure } = exploreEveryLoss({ ...options, canary })
    expect(`${failure?.violation.kind}: ${failure?.violation.detail}`).toMatch(found)
  })

  it('and told as a scenario', () => {
    const { failure } = exploreEveryLoss({ ...lost, canary: 'no-replica-takes-over' })
    const short = shrink(failure!.script)!
    const scenario = writeScenario(short, ['Found.'])
    expect(short.script.moves.length).toBeLessThan(failure!.script.moves.length)
    expect(scenario).toContain('without being a replica')
    expect(runScenario(scenario)).toBe(scenario)
  })
})
