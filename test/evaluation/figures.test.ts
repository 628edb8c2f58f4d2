import { describe, expect, it } from 'vitest'
import { evaluate, type RunRecord } from '../../src/evaluation/index.ts'
import { optimalIntervalSeconds, optimalOverheadRatio } from '../../src/metrics/index.ts'
import { record, recovery, rounds, settingWith } from './records.ts'

const setting = settingWith({ schemes: ['none', 'enhanced', 'mirror'] })

const figuresOf = (records: readonly RunRecord[], scheme = 'enhanced') =>
  evaluate(records, setting, []).schemes.find((one) => one.scheme === scheme)!

describe('O', () => {
  it('is what the run took longer than the one without protection of its round, by its checkpoints', () => {
    const { overheadMs, checkpoints, runs } = figuresOf(rounds('merge-sort', 'enhanced', [40, 60, 44]))
    expect(overheadMs).toMatchObject({ median: 22, low: 20, high: 30, samples: [20, 30, 22] })
    expect(checkpoints).toMatchObject({ median: 2 })
    expect(runs).toBe(3)
  })

  it('pairs within a round, whatever the order of the runs', () => {
    const [none, one] = rounds('merge-sort', 'enhanced', [40])
    const slow = rounds('merge-sort', 'enhanced', [0]).map((run) => ({
      ...run,
      round: 2,
      elapsedMs: run.scheme === 'none' ? 5000 : 5010,
    }))
    expect(figuresOf([slow[1]!, one!, slow[0]!, none!]).overheadMs!.samples).toEqual([5, 20])
  })

  it('has no sample of a round without a partner, or without a checkpoint; warm-ups do not count', () => {
    const lonely = record({ program: 'merge-sort', scheme: 'enhanced', round: 7 })
    const idle = rounds('merge-sort', 'enhanced', [40]).map((one) => ({ ...one, committed: 0 }))
    const warm = rounds('merge-sort', 'enhanced', [900]).map((one) => ({ ...one, part: 'warm-up' as const }))
    expect(figuresOf([lonely]).overheadMs).toBeNull()
    expect(figuresOf(idle).overheadMs).toBeNull()
    expect(figuresOf(warm)).toMatchObject({ overheadMs: null, runs: 0 })
  })
})

it('the other figures are those of the runs', () => {
  const runs = rounds('merge-sort', 'enhanced', [40, 40, 40])
  const hit = record({ program: 'merge-sort', scheme: 'enhanced', part: 'recovery', recoveries: [recovery] })
  const figures = figuresOf([...runs, hit])
  expect(figures.heldUpMs!.median).toBe(4)
  expect(figures.latencyMs!.median).toBe(25)
  expect(figures.recovery!.totalMs.samples).toEqual([100])
  expect(figures.recovery!.lostWorkMs.median).toBe(120)
  expect(figures.loggedMessages!.median).toBe(3)
  expect(figures.loggedBytes!.median).toBe(3000)
  expect(figures.deltaBytes!.median).toBe(4_194_304)
  expect(figures.memoryShare).toEqual({ application: 1.2, checkpoint: 0.5, backup: 0.5, total: 2.2 })
  expect(figuresOf(runs, 'none')).toMatchObject({ overheadMs: null, checkpoints: null, memoryShare: null })
})

it('r and the best interval are those of the equations, for the medians of O, L and R', () => {
  const hit = record({ program: 'merge-sort', scheme: 'enhanced', part: 'recovery', recoveries: [recovery] })
  const { longRuns } = evaluate([...rounds('merge-sort', 'enhanced', [40, 60, 44]), hit], setting, [1e-4])
  const costs = { overheadSeconds: 0.022, latencySeconds: 0.025, recoverySeconds: 0.1, failuresPerSecond: 1e-4 }
  const found = longRuns.find((one) => one.failuresPerSecond === 1e-4 && one.measure === 'paired')!
  expect(found.overheadRatio.value).toBe(optimalOverheadRatio(costs))
  expect(found.intervalSeconds).toBe(optimalIntervalSeconds(costs))
  expect(found.isKnown).toBe(true)
  expect(found.overheadRatio.low).toBe(optimalOverheadRatio({ ...costs, overheadSeconds: 0.02 }))
  expect(longRuns.map(({ failuresPerSecond }) => failuresPerSecond)).toEqual([6.301e-6, 6.301e-6, 1e-4, 1e-4])
})

it('all recoveries count in r, however few rounds there are', () => {
  const recoveries = [100, 900, 900].map((totalMs) => ({ ...recovery, totalMs }))
  const hit = record({ program: 'merge-sort', scheme: 'enhanced', part: 'recovery', recoveries })
  const { longRuns } = evaluate([...rounds('merge-sort', 'enhanced', [40]), hit], setting, [1e-4])
  const costs = { overheadSeconds: 0.02, latencySeconds: 0.025, recoverySeconds: 0.9, failuresPerSecond: 1e-4 }
  const found = longRuns.find((one) => one.failuresPerSecond === 1e-4 && one.measure === 'paired')!
  expect(found.overheadRatio.value).toBe(optimalOverheadRatio(costs))
  expect(found.overheadRatio.low).toBe(optimalOverheadRatio({ ...costs, recoverySeconds: 0.1 }))
  expect(found.overheadRatio.high).toBe(optimalOverheadRatio(costs))
})

it('where the interval of O reaches 0, r is a bound and not known', () => {
  const hit = record({ program: 'merge-sort', scheme: 'enhanced', part: 'recovery', recoveries: [recovery] })
  const { longRuns } = evaluate([...rounds('merge-sort', 'enhanced', [-40, -60, 44]), hit], setting, [])
  const [paired, heldUp] = longRuns
  expect(paired).toMatchObject({ measure: 'paired', isKnown: false, intervalSeconds: null })
  expect(paired!.overheadRatio.value).toBeCloseTo(Math.expm1(6.301e-6 * 0.125))
  expect(heldUp).toMatchObject({ measure: 'held-up', isKnown: true })
})

it('the timeout experiment sets runs with and without a timeout side by side', () => {
  const of = (timeoutMs: number | null, committed: number, lostWorkMs: number): RunRecord => ({
    ...record({ program: 'key-value', scheme: 'enhanced', part: 'timeout' }),
    ...{ timeoutMs, committed, recoveries: [{ ...recovery, lostWorkMs }] },
  })
  const { timeout } = evaluate([of(250, 6, 90), of(null, 1, 900)], setting, [])
  expect(timeout.map((one) => [one.timeoutMs, one.checkpoints!.median, one.lostWorkMs!.median])).toEqual([
    [250, 6, 90],
    [null, 1, 900],
  ])
})

it('a freeze is what holds a program up, and has its drain part', () => {
  const holdUps = [
    { rank: 0, checkpoint: 1, ms: 20, drainMs: 6, cpuMs: 9 },
    { rank: 1, checkpoint: 1, ms: 30, drainMs: 2, cpuMs: 9 },
  ]
  const frozen = figuresOf([record({ program: 'merge-sort', scheme: 'enhanced', holdUps })])
  expect([frozen.heldUpMs!.median, frozen.drainMs!.median]).toEqual([25, 4])
  expect(figuresOf(rounds('merge-sort', 'enhanced', [40])).drainMs).toBeNull()
})

it('hold-ups by share of changed pages count from the third checkpoint on', () => {
  const holdUps = [90, 50, 2, 4].map((ms, index) => ({
    ...{ rank: 0, checkpoint: index + 1, ms, drainMs: null, cpuMs: ms },
  }))
  const run = record({
    program: 'measure/scattered-writes',
    scheme: 'enhanced',
    part: 'changed',
    changedPercent: 10,
    holdUps,
  })
  expect(evaluate([run], setting, []).changed).toMatchObject([{ changedPercent: 10, heldUpMs: { samples: [2, 4] } }])
})
