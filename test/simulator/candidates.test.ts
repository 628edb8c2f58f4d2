/** Conductors that may be lost, with real processors: random runs from seeds, and what each rule is there for. */
import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/simulator/canaries/canary.ts'
import { candidateCanaries } from '../../src/simulator/canaries/candidate.ts'
import { runCandidates } from '../../src/simulator/search/candidate-run.ts'

/** Runs so many seeds, all of which must end right; how often somebody took over. */
function takeOversOf(seeds: number, isHarsh: boolean): number {
  let takeOvers = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const run = runCandidates(seed, { isHarsh })
    expect({ seed, violation: run.violation }).toEqual({ seed, violation: null })
    takeOvers += run.takeOvers
  }
  return takeOvers
}

describe('a machine whose conductor is lost, frozen, cut off or doubled', () => {
  it('ends right, from each of 60 seeds', () => {
    expect(takeOversOf(60, false)).toBeGreaterThan(60)
  })

  it('ends right where that happens again and again', () => {
    expect(takeOversOf(20, true)).toBeGreaterThan(100)
  })
})

describe('a program that ends its processor again and again, and now and then the conductor beside it', () => {
  it('ends the run, however often somebody takes over, from each of 30 seeds (C1)', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { violation, outcome } = runCandidates(seed, { isDeadly: true, isHarsh: seed % 2 === 0 })
      expect({ seed, violation, end: outcome?.type }).toEqual({ seed, violation: null, end: 'repeatedLoss' })
    }
  })
})

const finds: Record<keyof typeof candidateCanaries, RegExp> = {
  'begun-forgotten': /WRONG MEMORY|WRONG PARITY/,
  'counts-forgotten': /STUCK: a\d was lost \d+ times in a row/,
  'told-before-agreed': /TOLD BEFORE AGREED/,
  'stale-order-obeyed': /STALE ORDER/,
  'newcomer-says-nothing': /STUCK/,
  'rollback-forgotten': /STUCK/,
  'promise-not-kept': /output comes in order|LOST/,
  'outcome-before-the-record': /TOLD BEFORE AGREED: the outcome/,
  'released-anew': /LOST/,
  'replica-forgets': /STUCK|LOST|output comes in order/,
  'replicas-not-waited-for': /output comes in order|LOST/,
}

describe('the first 80 seeds find', () => {
  it.each(Object.entries<Canary>(candidateCanaries))('%s', (name, canary) => {
    let found = null
    for (let seed = 1; seed <= 80 && found === null; seed += 1) {
      found = runCandidates(seed, { canary, isHarsh: true, isDeadly: name === 'counts-forgotten' }).violation
    }
    expect(`${found?.kind}: ${found?.detail}`).toMatch(finds[name as keyof typeof finds])
  })
})
