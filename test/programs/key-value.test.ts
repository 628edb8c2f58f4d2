import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import keyValue from '../../programs/key-value.ts'
import { memoryLayout, type Program, parseSizes } from '../../src/program/index.ts'
import { runInOneThread } from './run-in-one-thread.ts'

const program = keyValue as unknown as Program

interface Result {
  readonly served: number
  readonly checksum: string
}

describe('key-value', () => {
  test.prop(
    [fc.integer({ min: 2, max: 4 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 5 }), fc.integer()],
    { numRuns: 10 },
  )('adds each amount once, in whatever order they come', async (processes, requests, window, seed) => {
    const settings = ['mebibytes=1', `requests=${requests}`, `window=${window}`]
    const run = runInOneThread(program, { processes, settings, seed })
    expect(await program.verify!({ ...run, processes, input: null })).toBeNull()
    const served = (run.results as Result[]).reduce((sum, one) => sum + one.served, 0)
    expect(served).toBe(processes * requests)
    const again = runInOneThread(program, { processes, settings, seed: seed ^ 1 })
    expect(again.results).toEqual(run.results)
  })

  test('each process reports progress up to its last answer', () => {
    const run = runInOneThread(program, { processes: 2, settings: ['mebibytes=1', 'requests=5'] })
    expect(run.progress).toHaveLength(10)
    expect(run.progress.filter(([done, total]) => done === 5 && total === 5)).toHaveLength(2)
  })

  test('verify finds a lost request, a doubled one and a wrong store', async () => {
    const settings = ['mebibytes=1', 'requests=20']
    const run = runInOneThread(program, { processes: 3, settings })
    const changed = (change: (result: Result) => Result) => {
      const results = run.results.with(1, change(run.results[1] as Result))
      return program.verify!({ ...run, results, processes: 3, input: null })
    }
    const { served } = run.results[1] as Result
    for (const wrong of [served - 1, served + 1]) {
      const problem = await changed((result) => ({ ...result, served: wrong }))
      expect(problem).toBe(`process 1 served ${wrong} requests, not ${served}`)
    }
    expect(await changed((result) => ({ ...result, checksum: '00000000' }))).toBe(
      'the store of process 1 is not what was asked for',
    )
  })

  test('one process alone: one clear line', () => {
    const size = parseSizes(program, [])
    const message = "program 'key-value': there must be at least 2 processes: each asks the others"
    expect(() => memoryLayout(program, { rank: 0, processes: 1, size })).toThrow(message)
  })
})
