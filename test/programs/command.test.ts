// The programs that ship, through the command as users run it: each loses a processor in the middle and is right all the same,
// and what cannot be run is refused in one line.
import { readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Commands } from '../machine/run-command.ts'
import { root } from '../tidy/sources.ts'

const commands = new Commands()
afterAll(() => commands.remove())

/** Sizes with which a run takes a moment, so that there is a checkpoint to be lost after. */
const runs: Readonly<Record<string, readonly string[]>> = {
  heat: ['--size', 'rows=256', '--size', 'columns=256', '--size', 'iterations=600'],
  'key-value': ['--size', 'mebibytes=2', '--size', 'requests=1000'],
  life: ['--size', 'generations=200'],
  'matrix-multiplication': ['--size', 'n=1000'],
  'merge-sort': ['--size', 'records=300000', '--size', 'chunk=20000'],
  ring: ['--size', 'rounds=600'],
  'shortest-paths': ['--size', 'graphs=40'],
}

test('there is a run for every program', () => {
  const programs = readdirSync(join(root, 'programs')).filter((file) => file.endsWith('.ts'))
  expect(Object.keys(runs).sort()).toEqual(programs.map((file) => basename(file, '.ts')).sort())
})

test.each(Object.entries(runs))(
  '%s survives the loss of process 1 after its first checkpoint',
  async (program, sizes) => {
    const faults = ['--timeout', '40ms', '--kill', '1@commit:1']
    const { exitCode, stdout, stderr } = await commands.run(['run', program, ...sizes, ...faults, '--json'])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('verified')])
    const told = JSON.parse(stdout) as { verified: boolean; recoveries: { lost: string[] }[] }
    expect(told.verified).toBe(true)
    expect(told.recoveries.flatMap(({ lost }) => lost)).toContain('a1')
  },
)

test('matrices from files: the product is written as a file that can be read again', async () => {
  const banner = '%%MatrixMarket matrix'
  commands.write('a.mtx', `${banner} array real general\n3 3\n1\n2\n3\n4\n5\n6\n7\n8\n9\n`)
  commands.write('b.mtx', `${banner} coordinate integer general\n3 3 3\n1 3 1\n2 2 1\n3 1 1\n`)
  const header = "{'descr': '|i1', 'fortran_order': False, 'shape': (3, 3), }"
  const numpy = [
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    header.length,
    0,
    ...Buffer.from(header),
    0,
    0,
    1,
    0,
    1,
    0,
    1,
    0,
    0,
  ]
  writeFileSync(join(commands.folder, 'b.npy'), Uint8Array.from(numpy))
  const four = ['matrix-multiplication', '--processes', '4']
  const multiply = (a: string, b: string, c: string) =>
    commands.run(['run', ...four, '--input', a, b, '--output', c, '--json'])
  expect(JSON.parse((await multiply('a.mtx', 'b.mtx', 'c.mtx')).stdout)).toMatchObject({ verified: true })
  // Multiplying by the exchange of the outer columns twice gives A again.
  expect((await multiply('c.mtx', 'b.npy', 'd.mtx')).exitCode).toBe(0)
  expect(commands.read('c.mtx').split('\n').slice(2, -1).map(Number)).toEqual([7, 8, 9, 4, 5, 6, 1, 2, 3])
  expect(commands.read('d.mtx')).toBe(commands.read('a.mtx'))
})

test.each([
  [
    ['matrix-multiplication', '--processes', '6'],
    "program 'matrix-multiplication': 6 processes make no square grid: use --processes 1, 4, 9, 16 or another square",
  ],
  [
    ['matrix-multiplication', '--input', 'wide.mtx', 'wide.mtx'],
    'wide.mtx:2: the matrix must be square, but has 2 rows and 3 columns',
  ],
  [['matrix-multiplication', '--input', 'text.mtx', 'text.mtx'], "text.mtx:4: 'two' is no number"],
  [
    ['matrix-multiplication', '--input', 'text.mtx'],
    "program 'matrix-multiplication' reads 2 files, --input A B, but 1 was given",
  ],
  [['shortest-paths', '--input', 'unknown.gr'], 'unknown.gr:2: there is no vertex 4: vertices go from 1 to 3'],
  [
    ['shortest-paths', '--input', 'cycle.gr'],
    'cycle.gr: there are no shortest paths: the cycle 1 -> 2 -> 1 has the length -1',
  ],
  [['heat', '--size', 'rows=3'], "program 'heat': 4 processes need at least 4 rows"],
  [['life', '--size', 'rows=3'], "program 'life': 4 processes need at least 4 rows"],
  [['key-value', '--processes', '1'], "program 'key-value': there must be at least 2 processes: each asks the others"],
])('%j: exit 1 and one line', async (typed, line) => {
  commands.write('wide.mtx', '%%MatrixMarket matrix array real general\n2 3\n')
  commands.write('text.mtx', '%%MatrixMarket matrix array real general\n2 2\n1\ntwo\n')
  commands.write('unknown.gr', 'p sp 3 1\na 1 4 2\n')
  commands.write('cycle.gr', 'p sp 2 2\na 1 2 3\na 2 1 -4\n')
  const { exitCode, stderr } = await commands.run(['run', ...typed])
  expect([exitCode, stderr]).toEqual([1, `paritas: ${line}\n`])
})
