import { describe, expect, it } from 'vitest'
import {
  type FaultKind,
  faultKinds,
  type Phase,
  type ProgramName,
  phases,
  runSeed,
  simulatedPrograms,
} from '../../src/simulator/index.ts'

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
      jointLosses: ['crash'],
      fillings: ['crash', 'crashAfter'],
      freezes: ['freeze'],
      stalls: ['freeze'],
      suspicions: ['suspect'],
      breaks: ['sever'],
      partitions: ['partition'],
      clockJumps: ['passTimeouts', 'suspect'],
      duplicates: ['duplicate'],
      lateFrames: ['repeatLate'],
      fullBuffers: ['fillBuffer'],
      stepFailures: ['failStep'],
      excesses: ['crash'],
      fullDisks: ['fillDisk'],
      damagedFiles: ['damageFile'],
      powerCuts: ['cutPower'],
      conductorLosses: ['crashCandidate', 'crashCandidateAfter'],
      conductorFreezes: ['freezeCandidate'],
      conductorCuts: ['partition'],
      conductorDoubts: ['doubtConductor', 'loseAnswer'],
      watcherLeaves: ['watcherLeaves'],
      hostLosses: ['loseHost'],
      hostFreezes: ['freezeHost'],
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

/** Nobody is filled then. */
const impossible: Partial<Record<FaultKind, readonly Phase[]>> = {
  fillings: ['computing', 'freezing', 'gathering', 'committing', 'replaying'],
}
/**
 * Before the first recovery nothing is of an older epoch, and after it little for long. Mostly an excess ends the run. Two
 * checkpoints must be on disk before one of them is damaged. Several conductors are in every sixth run,
 * and hosts in every fifth.
 */
const rare: Partial<Record<FaultKind, readonly Phase[]>> = {
  lateFrames: ['computing', 'gathering'],
  excesses: phases,
  damagedFiles: phases,
  conductorLosses: phases,
  conductorFreezes: phases,
  conductorCuts: phases,
  conductorDoubts: phases,
  watcherLeaves: phases,
  hostLosses: phases,
  hostFreezes: phases,
}

describe('faults strike at every time', () => {
  const seeds = 800
  const [leastUsual, leastRare] = [4, 1]
  const struck = new Map<string, number>()
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const { kind, phase } of runSeed(seed).strikes) {
      struck.set(`${kind} ${phase}`, (struck.get(`${kind} ${phase}`) ?? 0) + 1)
    }
  }

  it.each(faultKinds)('%s', (kind) => {
    for (const phase of phases) {
      const count = struck.get(`${kind} ${phase}`) ?? 0
      if (impossible[kind]?.includes(phase)) expect(count, phase).toBe(0)
      else expect(count, phase).toBeGreaterThanOrEqual(rare[kind]?.includes(phase) ? leastRare : leastUsual)
    }
  })

  it('some losses fall between two effects of one event, and some lose a part of what was in flight', () => {
    let [between, partly] = [0, 0]
    for (let seed = 1; seed <= 100; seed += 1) {
      for (const move of runSeed(seed, { faults: ['losses'], record: true }).moves) {
        if (move.type === 'crashAfter') between += 1
        if (move.type === 'crash' && new Set(move.arriving).size > 1) partly += 1
      }
    }
    expect(Math.min(between, partly)).toBeGreaterThan(5)
  })

  it('links and processors stand still, receivers are slow, and some are far slower than others', () => {
    let [standstills, slowReceivers, lopsided] = [0, 0, 0]
    for (let seed = 1; seed <= 100; seed += 1) {
      const { tempo, standstills: times } = runSeed(seed)
      standstills += times
      if (tempo.slowest !== null) slowReceivers += 1
      if (Math.max(...tempo.weights) >= 100 * Math.min(...tempo.weights)) lopsided += 1
    }
    expect(standstills).toBeGreaterThan(100)
    expect(Math.min(slowReceivers, lopsided)).toBeGreaterThan(10)
  })

  it('several processors are lost at the same moment, three or more at times', () => {
    const together = new Set<number>()
    for (let seed = 1; seed <= 100; seed += 1) {
      const { moves } = runSeed(seed, { faults: ['jointLosses'], record: true })
      let crashes = 0
      for (const { type } of moves) {
        if (type === 'crash') crashes += 1
        else if (crashes > 0) together.add(crashes)
        if (type !== 'crash') crashes = 0
      }
    }
    expect([...together].sort()).toEqual(expect.arrayContaining([2, 3, 4]))
  })

  it('a partition is one-way, the other way, and both', () => {
    const ways = new Set<string>()
    for (let seed = 1; seed <= 30; seed += 1) {
      const { moves } = runSeed(seed, { faults: ['partitions'], record: true })
      for (const move of moves) if (move.type === 'partition') ways.add(move.way)
    }
    expect([...ways].sort()).toEqual(['both', 'in', 'out'])
  })
})
