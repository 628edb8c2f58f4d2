import { expect, it } from 'vitest'
import { evaluate, type RunRecord } from '../../src/evaluation/index.ts'
import { optimalOverheadRatio } from '../../src/metrics/index.ts'
import { record, recovery, rounds, settingWith } from './records.ts'

const setting = settingWith()

const hit = (scheme: 'enhanced' | 'n+1-parity') =>
  record({ program: 'merge-sort', scheme, part: 'recovery', recoveries: [recovery] })

it('is the enhanced scheme by N+1 parity, beside the ratio of the paper', () => {
  const runs = [...rounds('merge-sort', 'n+1-parity', [80, 80, 80]), ...rounds('merge-sort', 'enhanced', [20, 20, 20])]
  const { headlines } = evaluate([...runs, hit('enhanced'), hit('n+1-parity')], setting, [])
  const r = (overheadSeconds: number): number =>
    optimalOverheadRatio({ overheadSeconds, latencySeconds: 0.025, recoverySeconds: 0.1, failuresPerSecond: 6.301e-6 })
  expect(headlines).toHaveLength(1)
  expect(headlines[0]!.overhead).toEqual({ value: 0.25, low: 0.25, high: 0.25, rounds: 3, isKnown: true })
  expect(headlines[0]!.ratio!.value).toBeCloseTo(r(0.01) / r(0.04), 12)
  expect(headlines[0]!.paper!.overhead).toBeCloseTo(209 / 420, 12)
  expect(headlines[0]!.paper!.ratio).toBeCloseTo(0.705, 3)
})

it('is not known where one of the two cannot be told from 0, and missing where one was not measured', () => {
  const parity = rounds('merge-sort', 'n+1-parity', [80, 80, 80])
  const noisy = [...parity, ...rounds('merge-sort', 'enhanced', [20, -20, 1]), hit('enhanced'), hit('n+1-parity')]
  const [headline] = evaluate(noisy, setting, []).headlines
  expect(headline).toMatchObject({ overhead: { isKnown: false }, ratio: { isKnown: false }, heldUp: { isKnown: true } })
  expect(evaluate(parity, setting, []).headlines[0]).toMatchObject({ overhead: null, ratio: null })
})

it('pairs what was measured in the same round, where another round has no checkpoint', () => {
  const without = (runs: RunRecord[], scheme: string) =>
    runs.map((one) => (one.round === 1 && one.scheme === scheme ? { ...one, committed: 0 } : one))
  const longerMs = [999, 20, 200, 2000, 20_000]
  const runs = [
    ...rounds(
      'merge-sort',
      'n+1-parity',
      longerMs.map((ms) => 2 * ms),
    ),
    ...without(rounds('merge-sort', 'enhanced', longerMs), 'enhanced'),
  ]
  const [headline] = evaluate([...runs, hit('enhanced'), hit('n+1-parity')], setting, []).headlines
  expect(headline!.overhead).toMatchObject({ value: 0.5, low: 0.5, high: 0.5 })
})

it('is not known of fewer than three rounds, whose interval would have no width', () => {
  const of = (longerMs: number[]) =>
    evaluate(
      [
        ...rounds('merge-sort', 'n+1-parity', longerMs),
        ...rounds('merge-sort', 'enhanced', longerMs),
        ...[hit('enhanced'), hit('n+1-parity')],
      ],
      setting,
      [],
    )
  for (const [longerMs, isKnown] of [
    [[20], false],
    [[20, 20], false],
    [[20, 20, 20], true],
  ] as const) {
    const { headlines, longRuns } = of([...longerMs])
    expect(headlines[0]).toMatchObject({ overhead: { isKnown }, ratio: { isKnown }, heldUpRatio: { isKnown } })
    expect(longRuns.every((one) => one.isKnown === isKnown)).toBe(true)
  }
})
