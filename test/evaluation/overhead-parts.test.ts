// What O is made of where each processor has its own share of processor time.
import { expect, it } from 'vitest'
import { evaluate, type RunRecord } from '../../src/evaluation/index.ts'
import { type ProcessorTimes, ProcessorTimesLog, type RoleTimes } from '../../src/evaluation/processor-times.ts'
import { record, settingWith } from './records.ts'

const roles = (application: number): RoleTimes => ({ program: 900, application, checkpoint: 5, backup: 3 })
const times = (start: number | null, whole: number): ProcessorTimes => ({
  start: start === null ? null : { ...roles(start), ms: 250 },
  whole: roles(whole),
})

/**
 * 2 processes with half a core each. The first checkpoint holds each up for 10 ms, of which 4 are computed, the second one
 * for 2 ms, all of them computed.
 */
const run = (round: number, changes: Partial<RunRecord> = {}): RunRecord =>
  record({
    ...{ program: 'merge-sort', scheme: 'enhanced', round, elapsedMs: 1100, processorTimes: times(24, 60) },
    holdUps: [10, 10, 2, 2].map((ms, index) => ({
      ...{ rank: index % 2, checkpoint: 1 + (index >> 1), ms, drainMs: null, cpuMs: ms === 10 ? 4 : 2 },
    })),
    ...changes,
  })
const bare = (round: number): RunRecord =>
  record({ program: 'merge-sort', scheme: 'none', round, committed: 0, holdUps: [], processorTimes: times(null, 22) })

const partsOf = (records: readonly RunRecord[], coresEach: number | null = 0.5) =>
  evaluate(records, settingWith({ coresEach }), []).schemes.find(({ scheme }) => scheme === 'enhanced')!

it('is told apart into the start, each checkpoint, and the rest', () => {
  const { overheadMs, overheadParts } = partsOf([run(1), bare(1)])
  expect(overheadMs!.median).toBe(50)
  const { start, each, restMs } = overheadParts!
  // 24 ms of both, of which 22 x 250 / 1100 = 5 would have been without protection: 9.5 each, of which 4 were held up.
  expect(start.heldUpMs.median).toBe(10)
  expect(start.processorMs.median).toBeCloseTo((9.5 - 4) / 0.5, 9)
  // The others: (60 - 22) / 2 - 9.5 = 9.5, of which 2 were held up.
  expect(each!.heldUpMs.median).toBe(2)
  expect(each!.processorMs.median).toBeCloseTo((9.5 - 2) / 0.5, 9)
  expect(restMs.median).toBeCloseTo((100 - 10 - 11 - 2 - 15) / 2, 9)
})

it('has no part for each where there was one checkpoint, and none below 0', () => {
  const one = run(1, { committed: 1, holdUps: run(1).holdUps.slice(0, 2), processorTimes: times(10, 10) })
  const { overheadParts } = partsOf([one, bare(1)])
  expect(overheadParts).toMatchObject({ each: null, start: { processorMs: { median: 0 } }, restMs: { median: 90 } })
})

it('is not known on shared cores, without a partner, or where the system does not tell', () => {
  expect(partsOf([run(1), bare(1)], null).overheadParts).toBeNull()
  expect(partsOf([run(1), bare(2)]).overheadParts).toBeNull()
  expect(partsOf([run(1, { processorTimes: null }), bare(1)]).overheadParts).toBeNull()
})

it('the processor time of runs is told by role, of each scheme', () => {
  const { processorMs } = partsOf([run(1), run(2, { processorTimes: times(24, 80) }), bare(1)], null)
  expect([processorMs!.application.median, processorMs!.program.median]).toEqual([70, 900])
  expect([processorMs!.checkpoint.median, processorMs!.backup.median]).toEqual([5, 3])
})

it('a run is looked at when it begins, at its first commit and at its end', () => {
  const looks = [roles(7), roles(19.5), roles(60)]
  const log = new ProcessorTimesLog(() => looks.shift() ?? null)
  log.note({ type: 'started', processors: [] })
  log.note({ type: 'progress', share: 0.1 })
  log.note({ type: 'commit', checkpoint: 1, deltaBytes: 1, atMs: 250 })
  log.note({ type: 'commit', checkpoint: 2, deltaBytes: 1, atMs: 500 })
  expect(log.times).toBeNull()
  log.note({ type: 'ended', atMs: 1000 })
  const none = { program: 0, checkpoint: 0, backup: 0 }
  expect(log.times).toEqual({
    start: { ...none, application: 12.5, ms: 250 },
    whole: { ...none, application: 53 },
  })
})
