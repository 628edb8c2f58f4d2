/** Synchronous checkpoints on a real machine: who goes back after which loss, and what the freeze is told to cost. */
import { describe, expect, test } from 'vitest'
import type { FaultTarget } from '../../src/machine/index.ts'
import { finished, lossesOf, runProgram } from './run-program.ts'

const sizes = ['records=400000', 'chunk=20000']
const killAt = (who: FaultTarget, checkpoint: number) =>
  ({ kind: 'kill', who, when: { kind: 'commit', checkpoint } }) as const

describe.each(['resume-after-commit', 'resume-after-capture'] as const)('%s', (coordination) => {
  const options = { coordination, timeoutMs: 20 }

  test.each([
    ['a1', true],
    ['c0', false],
    ['b0', false],
  ] as const)('the loss of %s takes programs back: %s', async (who, rollback) => {
    const ran = await runProgram({ program: 'merge-sort', sizes, faults: [killAt(who, 2)], options })
    const { recoveries } = finished(ran)
    expect(ran.complaint).toBeNull()
    expect(recoveries.find(({ lost }) => lost.includes(who))).toMatchObject({ rollback })
  })

  test('what holds programs up is the freeze, and draining is part of it', async () => {
    const figures: { frozenMs: number; drainMs: number }[] = []
    const ran = await runProgram({
      program: 'merge-sort',
      sizes,
      options: { ...options, onFigure: (_, figure) => void (figure.type === 'thawed' && figures.push(figure)) },
    })
    const { committed, blockedMs, frozenMs, drainMs } = finished(ran).checkpoints
    expect(committed).toBeGreaterThan(1)
    expect(blockedMs).toEqual(frozenMs)
    expect(frozenMs!.count).toBe(figures.length)
    expect(figures.length).toBeGreaterThan(committed)
    for (const { frozenMs, drainMs } of figures) expect(frozenMs).toBeGreaterThanOrEqual(drainMs)
    expect(drainMs!.max).toBe(Math.max(...figures.map((figure) => figure.drainMs)))
  })
})

test('two losses together, of other roles too, with two check rows', async () => {
  const options = { coordination: 'resume-after-commit', protection: { code: 'reed-solomon', tolerate: 2 } } as const
  const faults = [killAt('a0', 2), killAt('c1', 2)]
  const ran = await runProgram({ program: 'merge-sort', sizes, faults, options: { ...options, timeoutMs: 20 } })
  expect(finished(ran).recoveries.flatMap(({ lost }) => lost)).toEqual(expect.arrayContaining(['a0', 'c1']))
  expect(ran.complaint).toBeNull()
})

test('with a full buffer and no timeout, as the paper has it', async () => {
  const options = { coordination: 'resume-after-commit', timeoutMs: null, bufferBytes: 2 ** 18 } as const
  const ran = await runProgram({ program: 'merge-sort', sizes, faults: [killAt('a2', 1)], options })
  expect(lossesOf(ran)).toEqual([['a2']])
  expect(ran.complaint).toBeNull()
})
