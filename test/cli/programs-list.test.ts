import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { aboutPrograms } from '../../src/cli/programs/about.ts'
import { shippedPrograms } from '../../src/cli/programs/list.ts'
import { root } from '../tidy/sources.ts'
import { paritas, programsFolder } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-programs-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the list that is built is what the programs say of themselves', async () => {
  const built = JSON.parse(readFileSync(join(root, 'dist', 'programs.json'), 'utf8'))
  expect(built).toEqual(await aboutPrograms(programsFolder))
  expect(built.length).toBeGreaterThanOrEqual(7)
})

test('is not believed once a program is newer, or where there is none', async () => {
  const module = "import { defineProgram, integer } from 'paritas'\nexport default defineProgram"
  const program = (name: string) =>
    `${module}({ name: '${name}', memory: () => ({}), size: { laps: integer({ default: 3, help: 'rounds' }) }, start: (self) => self.done(), step: (self) => self.done() })\n`
  const file = join(folder, 'relay.ts')
  const list = `${folder}.json`
  writeFileSync(file, program('relay'))
  const names = async (): Promise<string[]> => (await shippedPrograms(folder, list)).map(({ name }) => name)
  expect(await names()).toEqual(['relay'])

  writeFileSync(list, '[{ "name": "as built" }]')
  // To whole milliseconds, as times are set.
  const { mtime } = statSync(list)
  utimesSync(list, mtime, mtime)
  utimesSync(file, mtime, mtime)
  expect(await names()).toEqual(['as built'])
  utimesSync(file, mtime, new Date(mtime.getTime() + 1000))
  expect(await names()).toEqual(['relay'])
  rmSync(list)
})

test('--json: one object, and the list for people on stderr', async () => {
  const { exitCode, stdout, stderr } = await paritas(['programs', '--json'])
  expect(exitCode).toBe(0)
  const { programs } = JSON.parse(stdout)
  const mergeSort = programs.find(({ name }: { readonly name: string }) => name === 'merge-sort')
  expect(mergeSort).toMatchObject({
    description: expect.stringMatching(/^sorts numbers;/),
    input: { files: ['FILE'], description: expect.stringMatching(/^one number a line/) },
    output: { description: expect.stringMatching(/^the numbers in ascending order/) },
  })
  expect(mergeSort.sizes).toContainEqual({
    ...{ name: 'records', default: 1_000_000, allowed: 'a whole number from 0 to 536870912' },
    help: expect.stringMatching(/^numbers to sort/),
  })
  expect(stderr).toContain('--size records=1000000')
  const ring = programs.find(({ name }: { readonly name: string }) => name === 'ring')
  expect([ring.input, ring.output]).toEqual([null, null])
})
