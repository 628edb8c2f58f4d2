import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { TraceReader } from '../../src/trace/index.ts'
import { at, becomes, begins, capture, type Line, recordsOf, resumed, stepEnded } from '../trace/lines.ts'
import { traceCosts } from './trace-costs.ts'

describe('checkpoints', () => {
  it('hold up from the event that a capture follows from to the next line, and count from the request', () => {
    const lines: Line[] = [
      at('a0', 1).event(10, { type: 'timeoutPassed' }),
      at('a0', 1).sends(11, 'c0', { type: 'request', checkpoint: 1, urgent: false }),
      at('a0', 1).event(20, stepEnded),
      at('a0', 1).effect(20.5, capture(1)),
      at('a0', 1).effect(24, { type: 'shipDelta', to: ['c0'], epoch: 1, checkpoint: 1 }),
      at('a0', 1).effect(41, { type: 'recycle', checkpoint: 1 }),
    ]
    expect(traceCosts(recordsOf(lines))).toMatchObject({ holdUpsMs: [4], latenciesMs: [30] })
  })

  it('count from the capture where nobody asked, and not at all once all went back', () => {
    const told: Line[] = [
      at('a0', 1).receives(20, 'c0', { type: 'grant', checkpoint: 1 }),
      at('a0', 1).effect(21, capture(1)),
      at('a0', 1).effect(22, { type: 'shipDelta', to: ['c0'], epoch: 1, checkpoint: 1 }),
    ]
    const committed: Line = at('a0', 1).effect(30, { type: 'recycle', checkpoint: 1 })
    expect(traceCosts(recordsOf([...told, committed])).latenciesMs).toEqual([10])
    expect(
      traceCosts(recordsOf([...told, at('a0', 1).effect(25, { type: 'stopProgram' }), committed])).latenciesMs,
    ).toEqual([])
  })

  it('that are synchronous hold up from freeze to thaw', () => {
    const lines: Line[] = [
      at('a1', 2).effect(5, { type: 'freeze', checkpoint: 1 }),
      at('a1', 2).receives(8, 'a0', { type: 'marker', checkpoint: 1, messages: 0 }),
      at('a1', 2).effect(9, capture(1)),
      at('a1', 2).effect(15, { type: 'recycle', checkpoint: 1 }),
      at('a1', 2).effect(16, { type: 'thaw', checkpoint: 1 }),
    ]
    expect(traceCosts(recordsOf(lines))).toMatchObject({ holdUpsMs: [11], latenciesMs: [10] })
  })
})

describe('recoveries', () => {
  const start: Line[] = [
    at('conductor', null).effect(-2, begins(1, 'a0', 'a1')),
    at('conductor', null).effect(-1, becomes(7, 'a1', 1)),
    at('conductor', null).effect(0, resumed(0)),
    at('a0', 1).event(1, { type: 'computing' }),
    at('a1', 7).event(1, { type: 'computing' }),
  ]

  it('go from the kill to the last process that computes again', () => {
    const lines: Line[] = [
      at('conductor', null).event(100, { type: 'fault', fault: 'kill', processor: processorId(7) }),
      at('conductor', null).effect(103, begins(2, 'a1')),
      at('conductor', null).effect(150, resumed(3)),
    ]
    const again: Line[] = [
      at('a0', 1, 2).event(160, { type: 'computing' }),
      at('a1', 9, 2).event(170, { type: 'computing' }),
    ]
    const { recoveries } = traceCosts(recordsOf([...start, ...lines, ...again]))
    expect(recoveries).toEqual([{ lost: ['a1'], detectMs: 3, rebuildMs: 47, resumeMs: 20, totalMs: 70 }])
  })

  it('of check processors alone stop nobody; of a loss that nobody made, detection is not known', () => {
    const lines: Line[] = [
      at('conductor', null).effect(100, begins(2, 'c0')),
      at('conductor', null).sends(101, 'a0', { type: 'recover', rollback: false }),
      at('conductor', null).effect(130, resumed(3)),
    ]
    const { recoveries } = traceCosts(recordsOf([...start, ...lines]))
    expect(recoveries).toEqual([{ lost: ['c0'], detectMs: null, rebuildMs: 30, resumeMs: 0, totalMs: 30 }])
  })
})

it('are, of a run that was recorded, what can be counted from its lines by hand', () => {
  // Under n+1-parity with --kill 1@commit:2, up to the first checkpoint after the recovery, without the lines that tell
  // nothing of either. The run itself said: computing again after 254 ms (detect 38 ms, rebuild 187 ms, resume 29 ms).
  const reader = new TraceReader('synchronous-run.jsonl')
  reader.push(readFileSync(new URL('synchronous-run.jsonl', import.meta.url), 'utf8'))
  const { holdUpsMs, latenciesMs, recoveries } = traceCosts(reader.end().records)
  const inOrder = (values: readonly number[]): number[] =>
    values.map((ms) => Math.round(ms * 1000) / 1000).sort((one, other) => one - other)
  expect(inOrder(holdUpsMs)).toEqual([36.443, 125.836, 130.897, 181.142, 184.596, 185.38])
  expect(inOrder(latenciesMs)).toEqual([130.627, 169.008, 187.255, 188.524, 212.411, 245.789])
  const [{ lost, detectMs, rebuildMs, resumeMs, totalMs }] = recoveries as [(typeof recoveries)[number]]
  expect(recoveries).toHaveLength(1)
  expect(lost).toEqual(['a1'])
  expect([detectMs, rebuildMs, resumeMs, totalMs].map((ms) => inOrder([ms!])[0])).toEqual([
    ...[38.217, 186.932, 28.255, 253.404],
  ])
})
