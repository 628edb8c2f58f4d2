import { describe, expect, test } from 'vitest'
import type { GivenMessage } from '../../src/testing/observe.ts'
import { type Origin, originOf } from '../../src/testing/origin.ts'
import { originText } from '../../src/testing/origin-text.ts'
import type { Trial } from '../../src/testing/trial.ts'

/** What each process was given, step by step (the first is `start`), and the total that it remembers after it. */
type Life = readonly (readonly [given: readonly GivenMessage[], total: number])[]

function trial(...lives: readonly Life[]): Trial {
  const processes = lives.map((life) => ({
    result: undefined,
    emitted: [],
    steps: life.map(([given, total]) => ({
      emitted: [],
      seen: {
        ...{ 'observed by paritas test': true as const, given, memory: { total }, vars: {}, isLast: false, steps: 0 },
        ...{ spanMs: 0, workMs: 0, isContinued: false, foreign: [] },
      },
    })),
  }))
  return { processes } as unknown as Trial
}

const message = (from: number, digest: string, tag = 'x'): GivenMessage => ({ from, tag, digest })
const same: Life = [
  [[], 0],
  [[], 1],
]

function origin(first: Trial, other: Trial): { found: Origin; line: string } {
  const found = originOf(first, other)!
  return { found, line: originText(found, 'without losses') }
}

describe('what messages come to', () => {
  const one = message(1, 'one')
  const two = message(2, 'two')
  const lived = (...given: GivenMessage[]): Life => [
    [[], 0],
    ...given.map((came, index) => [[came], 10 * came.from + index] as const),
  ]

  test('in another order is told as that, with the step as it is counted in runs', () => {
    const { found, line } = origin(trial(lived(one, two), same, same), trial(lived(two, one), same, same))
    expect(found).toEqual({ kind: 'order', process: 0, step: 1, first: one, other: two })
    expect(line).toBe(
      "it began in step 1 of process 0, by the order of messages: it was given 'x' from process 2, and 'x' from process 1 without losses",
    )
  })

  test('also where the order of one sender, by its tags, is another', () => {
    const first = trial(lived(message(1, 'p', 'a'), message(1, 'q', 'b')), same)
    const other = trial(lived(message(1, 'q', 'b'), message(1, 'p', 'a')), same)
    expect(origin(first, other).found).toMatchObject({ kind: 'order', process: 0, step: 1 })
  })

  test('with another content, from somebody who remembers nothing of it', () => {
    const { found, line } = origin(trial(lived(one, two), same, same), trial(lived(one, message(2, 'new')), same, same))
    expect(found).toMatchObject({ kind: 'message', process: 2, to: 0, step: 2 })
    expect(line).toBe(
      "it began in process 2, which has had the same memory and messages: the message 'x' that it sent to process 0, which came there in step 2, is not the same",
    )
  })

  test('with another content, seen through another order', () => {
    const changed = trial(lived(message(2, 'new'), one), same, same)
    expect(origin(trial(lived(one, two), same, same), changed).found).toMatchObject({ kind: 'message', process: 2 })
  })

  test('with another content, since the sender was given another order', () => {
    const sender = (...given: GivenMessage[]): Life => lived(...given)
    const first = trial(lived(one), sender(message(0, 'p'), message(2, 'q')), same)
    const other = trial(lived(message(1, 'new')), sender(message(2, 'q'), message(0, 'p')), same)
    expect(origin(first, other).found).toMatchObject({ kind: 'order', process: 1, step: 1 })
  })
})

test('a step that does something else from the same memory and messages comes first', () => {
  const life = (total: number): Life => [
    [[], 0],
    [[message(1, 'p')], 1],
    [[message(1, 'q')], total],
  ]
  const { line } = origin(trial(life(2), same), trial(life(3), same))
  expect(line).toBe(
    'it began in step 2 of process 0, from the same memory and messages: memory field total is 3, and 2 without losses',
  )
  const start = origin(trial([[[], 1]]), trial([[[], 2]]))
  expect(start.line).toContain('it began in start of process 0')
})

test('nothing is made up where nothing is found', () => {
  expect(originOf(trial(same, same), trial(same, same))).toBeNull()
})
