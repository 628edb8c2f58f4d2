import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import { loadProgram } from '../../src/machine/index.ts'
import { runInOneThread } from '../programs/run-in-one-thread.ts'
import { paritas, programsFolder } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const [, source] = /```ts\n(.*?)```/s.exec(readme)!

test('the program in the README runs and is verified, in whatever order its processes go', async () => {
  const file = join(folder, 'my-program.ts')
  writeFileSync(file, source!.replace('5_000', '50'))
  const { program } = await loadProgram(file, { programsFolder, cacheFolder: folder })
  for (const [seed, processes] of [1, 2, 4, 7].entries()) {
    const run = runInOneThread(program, { processes, seed })
    expect(run.results).toHaveLength(processes)
    expect(await program.verify!({ ...run, processes, input: null })).toBeNull()
  }
  expect(await program.verify!({ size: {}, processes: 4, input: null, results: [199], emitted: [] })).toBe(
    '199 handovers',
  )
})

test('it is about twenty lines long', () => {
  expect(source!.trim().split('\n').length).toBeLessThanOrEqual(24)
})

test('every option that the README names is one', async () => {
  const { stdout: help } = await paritas(['run', '--help'])
  const options = new Set(readme.match(/--[a-z]+/g))
  expect(options.size).toBeGreaterThan(8)
  for (const option of options) expect(`${help} --help`).toContain(option)
})

test('the README lists every exit code', () => {
  const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  expect(listed).toEqual(Object.values(exitCodes).sort((a, b) => a - b))
})
