/** What counts of the outputs that a log holds, where everybody went back to the disk and put out something else. */
import { expect, it } from 'vitest'
import { Harvest } from '../../src/machine/launcher/reporting/harvest.ts'
import { programCodec } from '../../src/machine/program/program-codec.ts'
import type { OutputKind } from '../../src/protocol/index.ts'

/** The outputs of one process, in the order of the log. */
function harvestOf(outputs: readonly (readonly [OutputKind, number, string])[]): Harvest {
  const harvest = new Harvest(1)
  for (const [kind, index, value] of outputs) {
    harvest.take({ rank: 0, index, kind, payload: programCodec.encode(value, 'value', 'cut') })
  }
  return harvest
}

it('nothing that was taken back comes behind a result', () => {
  const harvest = harvestOf([
    ['emit', 0, 'first 0'],
    ['emit', 1, 'first 1'],
    ['emit', 2, 'first 2'],
    ['emit', 0, 'second 0'],
    ['emit', 1, 'second 1'],
    ['done', 2, 'result'],
  ])
  harvest.takeBack([{ released: 3, isFinished: true }])
  expect(harvest.emitted).toEqual(['second 0', 'second 1'])
  expect(harvest.results).toEqual(['result'])
})

it('a result that was taken back is none, whatever came in its place', () => {
  const outputs = [
    ['emit', 0, 'first 0'],
    ['done', 1, 'first result'],
    ['emit', 1, 'second 1'],
    ['emit', 2, 'second 2'],
  ] as const
  const goesOn = harvestOf(outputs)
  goesOn.takeBack([{ released: 3, isFinished: false }])
  expect([goesOn.emitted, goesOn.results]).toEqual([['first 0', 'second 1', 'second 2'], [undefined]])
  const isDone = harvestOf([...outputs, ['done', 3, 'second result']])
  isDone.takeBack([{ released: 4, isFinished: true }])
  expect([isDone.emitted, isDone.results]).toEqual([['first 0', 'second 1', 'second 2'], ['second result']])
})

it('what comes again stands in place of the earlier one, and is told once', () => {
  const harvest = new Harvest(1)
  const emit = (index: number, value: string): boolean =>
    harvest.take({ rank: 0, index, kind: 'emit', payload: programCodec.encode(value, 'value', 'cut') }).isNews
  expect([emit(0, 'first 0'), emit(1, 'first 1')]).toEqual([true, true])
  harvest.takeBack([{ released: 1, isFinished: false }])
  expect(harvest.emitted).toEqual(['first 0'])
  expect([emit(1, 'second 1'), emit(2, 'second 2')]).toEqual([false, true])
  expect(harvest.emitted).toEqual(['first 0', 'second 1', 'second 2'])
})

it('a line that was logged is told once, and is no emitted value, whatever came in its place before', () => {
  const harvest = new Harvest(1)
  const take = (kind: OutputKind, index: number, value: unknown): boolean =>
    harvest.take({ rank: 0, index, kind, payload: programCodec.encode(value, 'value', 'cut') }).isNews
  expect([take('emit', 0, 'a'), take('emit', 1, 'b'), take('log', 2, 'line')]).toEqual([true, true, true])
  harvest.takeBack([{ released: 1, isFinished: false }])
  expect([take('log', 1, 'line'), take('emit', 2, 'b'), take('done', 3, 'result')]).toEqual([false, false, false])
  expect(harvest.emitted).toEqual(['a', 'b'])
})
