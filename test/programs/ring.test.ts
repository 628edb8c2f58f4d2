import { describe, expect, test } from 'vitest'
import ring from '../../programs/ring.ts'
import type { Program } from '../../src/program/index.ts'
import { runInOneThread } from './run-in-one-thread.ts'

const program = ring as Program

describe('ring', () => {
  test.each([1, 2, 5])('draws near to the mean of all with %i processes', async (processes) => {
    const run = runInOneThread(program, { processes, settings: ['values=20', 'rounds=200'], seed: 3 })
    expect(await program.verify!({ ...run, processes, input: null })).toBeNull()
    const mean = ((processes - 1) * 100) / 2 + 4.5
    for (const result of run.results) expect(result).toBeCloseTo(mean, 6)
  })

  test('verify names the process that is wrong', async () => {
    const run = runInOneThread(program, { processes: 3, settings: ['values=10', 'rounds=2'] })
    run.results[1] = 0
    expect(await program.verify!({ ...run, processes: 3, input: null })).toMatch(
      /^process 1 found a mean of 0, but it is \d/,
    )
  })
})
