import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { traceCosts } from '../../src/metrics/index.ts'
import { TraceReader, type TraceRecord } from '../../src/trace/index.ts'

type Line = readonly [at: number, place: string, processor: number | null, kind: 'event' | 'effect', text: string]

const records = (lines: readonly Line[], epoch = 1): TraceRecord[] =>
  lines.map(([at, place, processor, kind, text]) => ({ at, place, processor, kind, text, epoch, pid: null }))

describe('checkpoints', () => {
  it('hold up from the event that a capture follows from to the next line, and count from the request', () => {
    const lines: Line[] = [
      [10, 'a0', 1, 'event', 'timeout passed'],
      [11, 'a0', 1, 'effect', '-> c0 request for checkpoint 1'],
      [20, 'a0', 1, 'event', 'step ended: continue'],
      [20.5, 'a0', 1, 'effect', 'capture checkpoint 1'],
      [24, 'a0', 1, 'effect', 'ship delta 1 to c0'],
      [41, 'a0', 1, 'effect', 'recycle what is older than checkpoint 1'],
    ]
    expect(traceCosts(records(lines))).toMatchObject({ holdUpsMs: [4], latenciesMs: [30] })
  })

  it('count from the capture where nobody asked, and not at all once all went back', () => {
    const told: Line[] = [
      [20, 'a0', 1, 'event', 'c0 -> grant 1 (epoch 1)'],
      [21, 'a0', 1, 'effect', 'capture checkpoint 1'],
      [22, 'a0', 1, 'effect', 'ship delta 1 to c0'],
    ]
    const committed: Line = [30, 'a0', 1, 'effect', 'recycle what is older than checkpoint 1']
    expect(traceCosts(records([...told, committed])).latenciesMs).toEqual([10])
    expect(traceCosts(records([...told, [25, 'a0', 1, 'effect', 'stop program'], committed])).latenciesMs).toEqual([])
  })

  it('that are synchronous hold up from freeze to thaw', () => {
    const lines: Line[] = [
      [5, 'a1', 2, 'effect', 'freeze for checkpoint 1'],
      [8, 'a1', 2, 'event', 'a0 -> marker 1 (epoch 1)'],
      [9, 'a1', 2, 'effect', 'capture checkpoint 1'],
      [15, 'a1', 2, 'effect', 'recycle what is older than checkpoint 1'],
      [16, 'a1', 2, 'effect', 'thaw after checkpoint 1'],
    ]
    expect(traceCosts(records(lines))).toMatchObject({ holdUpsMs: [11], latenciesMs: [10] })
  })
})

describe('recoveries', () => {
  const start: Line[] = [
    [-2, 'conductor', null, 'effect', 'recovery begins, epoch 1, lost: a0 a1'],
    [-1, 'conductor', null, 'effect', 'processor 7 becomes a1 in epoch 1'],
    [0, 'conductor', null, 'effect', 'resumed at checkpoint 0'],
    [1, 'a0', 1, 'event', 'program computes'],
    [1, 'a1', 7, 'event', 'program computes'],
  ]

  it('go from the kill to the last process that computes again', () => {
    const lines: Line[] = [
      [100, 'conductor', null, 'event', 'kill of processor 7'],
      [103, 'conductor', null, 'effect', 'recovery begins, epoch 2, lost: a1'],
      [150, 'conductor', null, 'effect', 'resumed at checkpoint 3'],
    ]
    const again: Line[] = [
      [160, 'a0', 1, 'event', 'program computes'],
      [170, 'a1', 9, 'event', 'program computes'],
    ]
    const { recoveries } = traceCosts([...records(start), ...records(lines, 1), ...records(again, 2)])
    expect(recoveries).toEqual([{ lost: ['a1'], detectMs: 3, rebuildMs: 47, resumeMs: 20, totalMs: 70 }])
  })

  it('of check processors alone stop nobody; of a loss that nobody made, detection is not known', () => {
    const lines: Line[] = [
      [100, 'conductor', null, 'effect', 'recovery begins, epoch 2, lost: c0'],
      [101, 'conductor', null, 'effect', '-> a0 recover, computing on'],
      [130, 'conductor', null, 'effect', 'resumed at checkpoint 3'],
    ]
    const { recoveries } = traceCosts([...records(start), ...records(lines)])
    expect(recoveries).toEqual([{ lost: ['c0'], detectMs: null, rebuildMs: 30, resumeMs: 0, totalMs: 30 }])
  })
})

it('are, of a run that was recorded, what can be counted from its lines by hand', () => {
  // Under n+1-parity with --kill 1@commit:2, without the lines that tell nothing of checkpoints and recoveries. The run
  // itself said: computing again after 250 ms (detect 155 ms, rebuild 68 ms, resume 27 ms).
  const reader = new TraceReader('synchronous-run.jsonl')
  reader.push(readFileSync(new URL('synchronous-run.jsonl', import.meta.url), 'utf8'))
  const { holdUpsMs, latenciesMs, recoveries } = traceCosts(reader.end().records)
  const inOrder = (values: readonly number[]): number[] =>
    values.map((ms) => Math.round(ms * 1000) / 1000).sort((one, other) => one - other)
  expect(inOrder(holdUpsMs)).toEqual([26.01, 162.977, 170.167, 243.91, 281.375])
  expect(inOrder(latenciesMs)).toEqual([25.749, 254.694, 259.787, 267.888, 285.533])
  const [{ lost, detectMs, rebuildMs, resumeMs, totalMs }] = recoveries as [(typeof recoveries)[number]]
  expect(recoveries).toHaveLength(1)
  expect(lost).toEqual(['a1'])
  expect([detectMs, rebuildMs, resumeMs, totalMs].map((ms) => inOrder([ms!])[0])).toEqual([
    ...[154.596, 67.748, 27.206, 249.55],
  ])
})
