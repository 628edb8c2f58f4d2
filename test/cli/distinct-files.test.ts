/** Two options that name one file are refused before anything is opened. */
import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { paritas } from './fake-machine.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'distinct-')))
afterAll(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)
const content = '2\n1\n'
writeFileSync(at('in.txt'), content)
linkSync(at('in.txt'), at('hard.txt'))
symlinkSync('in.txt', at('soft.txt'))
symlinkSync('new.txt', at('dangling.txt'))
mkdirSync(at('folder'))
symlinkSync('folder', at('shortcut'))
execFileSync('mkfifo', [at('pipe')])
writeFileSync(at('mine.ts'), 'export default 5\n')
writeFileSync(at('part.ts'), 'export const laps = 5\n')
symlinkSync('hard.js', at('soft.js'))
writeFileSync(
  at('whole.ts'),
  `import { defineProgram } from 'paritas'
import { laps } from './parts.ts'
export default defineProgram({
  name: 'whole', memory: () => ({}), start: (self) => self.done(laps), step: (self) => self.done(laps),
  output: { format: String },
})
`,
)
writeFileSync(
  at('parts.ts'),
  "import { laps } from './part.ts'\nimport { more } from './soft.js'\nexport { laps, more }\n",
)
writeFileSync(at('hard.js'), 'export const more = 1\n')
writeFileSync(at('trace.html'), '{"ms":0}\n')

const same = 'are the same file: give each one of its own'
const inside = 'the folder must hold nothing but checkpoints; choose another place'
const near = relative('', folder)

test.each([
  [['run', 'merge-sort', '--input', at('in.txt'), '--output', `${near}/in.txt`], same],
  [['run', 'merge-sort', '--input', at('in.txt'), '--output', at('hard.txt')], same],
  [['run', 'merge-sort', '--input', at('soft.txt'), '--output', at('hard.txt')], same],
  [['run', 'merge-sort', '--input', at('in.txt'), '--trace', at('soft.txt')], same],
  [['run', 'merge-sort', '--input', at('pipe'), '--output', at('pipe')], same],
  [['run', 'merge-sort', '--output', at('new.txt'), '--trace', at('dangling.txt')], same],
  [['run', 'merge-sort', '--output', at('folder/a'), '--trace', at('shortcut/a')], same],
  [['run', 'merge-sort', '--output', at('new'), '--checkpoint-dir', `${near}/new`], same],
  [['run', 'merge-sort', '--trace', at('folder/lock'), '--checkpoint-dir', at('shortcut')], inside],
  [['run', 'merge-sort', '--input', at('folder/in.txt'), '--checkpoint-dir', at('folder')], inside],
  [['run', 'merge-sort', '--output', at('none/new.txt'), '--checkpoint-dir', at('none')], inside],
  [['run', 'merge-sort', '--trace', at('shortcut/none/deep/t'), '--checkpoint-dir', at('folder/none')], inside],
  [['run', 'merge-sort', '--output', at('none/a'), '--trace', at('none/../none/a')], same],
  [['run', at('mine.ts'), '--output', at('mine.ts')], same],
  [['run', at('mine.ts'), '--trace', `${near}/mine.ts`], same],
  [['run', at('whole.ts'), '--trace', `${near}/parts.ts`], same],
  [['run', at('whole.ts'), '--output', at('part.ts')], same],
  [['run', at('whole.ts'), '--trace', at('soft.js')], same],
  [['run', 'matrix-multiplication', '--input', at('pipe'), at('pipe')], 'it is a pipe, which can be read only once'],
  [['trace', 'show', at('trace.html'), '--output', `${near}/trace.html`], same],
])('%j', async (argv, why) => {
  const before = readdirSync(folder)
  const { exitCode, stderr, asked } = await paritas(argv)
  expect(stderr).toMatch(/^paritas: .* and .*\n$/)
  expect([exitCode, stderr.includes(why), asked]).toEqual([1, true, null])
  expect(readdirSync(folder)).toEqual(before)
  expect(readFileSync(at('in.txt'), 'utf8')).toBe(content)
})

test.each([
  ['devices keep nothing', ['merge-sort', '--size', 'records=0', '--output', '/dev/null', '--trace', '/dev/null']],
  ['a file may be read twice', ['matrix-multiplication', '--input', at('matrix.txt'), at('matrix.txt')]],
])('%s', async (_, argv) => {
  writeFileSync(at('matrix.txt'), '%%MatrixMarket matrix array real general\n1 1\n1\n')
  const { stderr, asked } = await paritas(['run', ...argv])
  expect(asked, stderr).not.toBeNull()
})
