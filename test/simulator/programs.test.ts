import { describe, expect, it } from 'vitest'
import { faultKinds, type ProgramName, runSeed, simulatedPrograms } from '../../src/simulator/index.ts'

describe('every simulated program', () => {
  it.each(Object.keys(simulatedPrograms) as ProgramName[])('%s finishes right under faults', (program) => {
    let recoveries = 0
    for (let seed = 1; seed <= 20; seed += 1) {
      const run = runSeed(seed, { program })
      expect(run.violation, `seed ${seed}`).toBeNull()
      recoveries += run.recoveries
    }
    expect(recoveries).toBeGreaterThan(0)
  })
})

describe('every kind of fault', () => {
  it.each(faultKinds)('%s happens, and breaks no promise', (kind) => {
    const wanted = {
      losses: ['crash', 'crashAfter'],
      fillings: ['crash', 'crashAfter'],
      freezes: ['freeze'],
      stalls: ['freeze'],
      suspicions: ['suspect'],
      breaks: ['sever'],
      duplicates: ['duplicate'],
      lateFrames: ['repeatLate'],
      fullBuffers: ['fillBuffer'],
      stepFailures: ['failStep'],
      excesses: ['crash'],
    }[kind]
    let seen = 0
    // Somebody must be filled, or an epoch end, before the first of these can happen; nobody crashes for that.
    const faults = kind === 'fillings' || kind === 'lateFrames' ? [kind, 'suspicions' as const] : [kind]
    for (let seed = 1; seed <= 40; seed += 1) {
      const run = runSeed(seed, { faults, record: true })
      expect(run.violation, `seed ${seed}`).toBeNull()
      seen += run.moves.filter(({ type }) => wanted.includes(type)).length
    }
    expect(seen).toBeGreaterThan(0)
  })
})
