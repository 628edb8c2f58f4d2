/**
 * Every program that ships loses processors at random moments, under each scheme that protects, and is right
 * all the same. The seed is in each test's name; `PARITAS_SEED=seed` repeats its faults, though not the interleaving.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { Commands } from '../machine/run-command.ts'

const firstSeed = Number(process.env.PARITAS_SEED ?? Date.now() % 1_000_000_000)

const commands = new Commands()
afterAll(() => commands.remove())

/** So large that there are some twenty checkpoints on an idle computer: beside busy cores each step waits for its turn. */
const programs: readonly (readonly [string, ...string[]])[] = [
  ['heat', 'rows=256', 'columns=256', 'iterations=400'],
  ['key-value', 'mebibytes=1', 'requests=600'],
  ['life', 'generations=150'],
  ['matrix-multiplication', 'n=900'],
  ['merge-sort', 'records=300000', 'chunk=20000'],
  ['ring', 'rounds=400'],
  ['shortest-paths', 'graphs=20'],
]

const schemes: readonly (readonly [string, ...string[]])[] = [
  ['enhanced'],
  ['mirror'],
  ['n+1-parity'],
  ['n+1-parity', '--resume', 'after-capture'],
  ['disk'],
  ['disk', '--resume', 'after-capture', '--disk', 'full'],
]

describe.each(schemes)('under the scheme %s %s %s %s %s', (scheme, ...variant) => {
  test.each(programs.map((program, index) => [program[0], firstSeed + index, program.slice(1)] as const))(
    '%s is right with PARITAS_SEED=%i',
    async (program, seed, sizes) => {
      const random = seededRandom(seed)
      const processes = ['0', '1', '2', '3']
      const first = random.pick(scheme === 'disk' ? processes : [...processes, 'checkpoint', 'backup'])
      const folder = scheme === 'disk' ? ['--checkpoint-dir', `checkpoints-${program}-${seed}`] : []
      // At commits, so that the first loss is over when the second comes: one at a time is covered.
      const [early, late] = [random.integer(1, 2), random.integer(4, 8)]
      const kills = [`${scheme === 'mirror' ? 'random' : first}@commit:${early}`, `random@commit:${late}`]
      const { exitCode, stdout, stderr } = await commands.run([
        ...['run', program, ...sizes.flatMap((one) => ['--size', one])],
        ...['--scheme', scheme, ...variant, ...folder, '--timeout', '40ms', '--seed', String(seed), '--json'],
        ...kills.flatMap((one) => ['--kill', one]),
      ])
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('verified')])
      expect(JSON.parse(stdout)).toMatchObject({ verified: true })
    },
  )
})
