import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import type { RunOptions, RunOutcome } from '../../src/machine/index.ts'
import { eventfulNews, outcome, paritas, Written } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-quiet-'))
afterAll(() => rmSync(folder, { recursive: true }))

const program = join(folder, 'quiet.mjs')
writeFileSync(
  program,
  `import { defineProgram } from 'paritas'
   const end = (self) => self.done(self.rank)
   export default defineProgram({ name: 'quiet', memory: () => ({}), start: end, step: end })`,
)

async function machine({ onNews }: RunOptions): Promise<RunOutcome> {
  for (const news of eventfulNews) onNews(news)
  onNews({ type: 'warning', text: 'the disk is slow' })
  return outcome({ results: [7, { found: 3 }] })
}

test.each(['--quiet', '-q'])('%s tells results, and warnings on stderr', async (option) => {
  const stderr = new Written(true)
  const { exitCode, stdout } = await paritas(['run', program, option], machine, { stderr })
  expect([exitCode, stdout]).toEqual([0, '  result of process 0   7\n  result of process 1   { found: 3 }\n'])
  expect(stripVTControlCharacters(stderr.text)).toBe('  the disk is slow\n')
})

test('with --json the object is all of stdout', async () => {
  const { exitCode, stdout, stderr } = await paritas(['run', program, '--json', '--quiet'], machine)
  expect([exitCode, stderr]).toEqual([0, '  the disk is slow\n'])
  expect(JSON.parse(stdout)).toMatchObject({ results: [7, { found: 3 }] })
})

test('errors are told as ever', async () => {
  const { exitCode, stdout, stderr } = await paritas(['run', program, '-q', '--processes', '0'])
  expect([exitCode, stdout]).toEqual([1, ''])
  expect(stderr).toBe("paritas: --processes must be a whole number from 1 to 10000, but is '0'\n")
})
