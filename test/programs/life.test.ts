import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadProgram } from '../../src/machine/index.ts'
import { programsFolder } from '../machine/program-modules.ts'
import { runInOneThread } from './run-in-one-thread.ts'

const cacheFolder = mkdtempSync(join(tmpdir(), 'paritas-life-'))
afterAll(() => rmSync(cacheFolder, { recursive: true }))

// Bundled, as for a run: only the bundler makes bytes of a .wasm file.
const { program } = await loadProgram('life', { programsFolder, cacheFolder })
const settings = (columns: number, rows: number, generations: number) => [
  `columns=${columns}`,
  `rows=${rows}`,
  `generations=${generations}`,
]

describe('life', () => {
  test.each([
    [1, settings(20, 10, 25)],
    [2, settings(33, 17, 30)],
    [3, settings(1, 3, 5)],
    [5, settings(300, 44, 20)],
    [7, settings(2, 7, 40)],
  ])('is right on %i processes, made anew after each step, with %j', async (processes, given) => {
    const run = runInOneThread(program, { processes, settings: given, seed: processes })
    expect(await program.verify!({ ...run, processes, input: null })).toBeNull()
    expect(run.results.every((count) => Number.isInteger(count))).toBe(true)
  })

  test('its boards live: cells are born, die and stay', () => {
    const boardAfter = (generations: number) =>
      runInOneThread(program, { processes: 2, settings: settings(64, 64, generations) }).emitted.map(String)
    const [first, second] = [boardAfter(60), boardAfter(61)]
    expect(first).not.toEqual(second)
    expect(first.join().match(/1/g)!.length).toBeGreaterThan(50)
  })

  test('verify names the row and the count that are wrong', async () => {
    const run = runInOneThread(program, { processes: 3, settings: settings(10, 9, 3) })
    const count = run.results.reduce((sum: number, one) => sum + (one as number), 0)
    const wrongCount = { ...run, results: [count + 1, 0, 0], processes: 3, input: null }
    expect(await program.verify!(wrongCount)).toBe(`${count + 1} cells live, but it should be ${count}`)
    ;(run.emitted[4] as Uint8Array)[2]! ^= 1
    expect(await program.verify!({ ...run, processes: 3, input: null })).toBe('row 4 is not what it should be')
  })

  test('a row comes out as a line', () => {
    expect(program.output!.format(Uint8Array.of(0, 1, 1, 0))).toBe('.##.\n')
  })
})
