import { describe, expect, test } from 'vitest'
import { paritas } from './fake-machine.ts'

const interval = (...options: string[]) => paritas(['interval', ...options])

describe('paritas interval', () => {
  test('answers at once, with both rules of thumb beside it', async () => {
    const typed = ['--overhead', '1.2s', '--latency', '3s', '--recovery', '5s', '--mtbf', '44h']
    const { exitCode, stdout, stderr } = await interval(...typed)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatchInlineSnapshot(`
      "
      Checkpoint every 10 min 16 s: checkpoints and failures then add 0.395 % to the running time.

                interval      expected overhead
        best    10 min 16 s   0.395 %
        Young   10 min 17 s   0.395 %
        Daly    10 min 16 s   0.395 %

        overhead 1.20 s, latency 3.00 s, recovery 5.00 s, a failure each 44 h 0 min

      "
    `)
  })

  test("--json: the paper's first row, with every digit, and the text on stderr", async () => {
    const typed = [
      '--overhead',
      '420s',
      '--latency',
      '43.34s',
      '--recovery',
      '140.2s',
      '--rate',
      '6.301e-6/s',
      '--json',
    ]
    const { exitCode, stdout, stderr } = await interval(...typed)
    expect(exitCode).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const told = JSON.parse(stdout)
    expect(told).toMatchObject({ overheadSeconds: 420, latencySeconds: 43.34, recoverySeconds: 140.2 })
    expect(told.failuresPerSecond * told.mtbfSeconds).toBeCloseTo(1, 14)
    expect(told.best.intervalSeconds).toBeCloseTo(11267.8031484, 6)
    expect(told.best.expectedSeconds).toBeCloseTo(12110.8808591, 6)
    expect(told.best.overheadRatio).toBeCloseTo(0.0748218352, 9)
    expect(told.young.overheadRatio).toBeGreaterThan(told.best.overheadRatio)
    expect(told.daly.intervalSeconds / told.best.intervalSeconds).toBeCloseTo(1, 3)
    expect(stderr).toMatch(/^Checkpoint every 3 h 7 min/m)
  })

  test.each([
    ['44h', '6.313131313131313e-6/s'],
    ['12h', '2/d'],
    ['2h', '0.5/h'],
    ['1d', '1/d'],
    ['30s', '2/m'],
  ])('a failure each %s is a rate of %s', async (mtbf, rate) => {
    const best = async (...how: string[]) => {
      const told = JSON.parse((await interval('--overhead', '40ms', ...how, '--json')).stdout)
      return told.best.intervalSeconds as number
    }
    expect((await best('--mtbf', mtbf)) / (await best('--rate', rate))).toBeCloseTo(1, 12)
  })

  test('what is left out: a latency as long as the overhead, and no recovery time', async () => {
    const short = await interval('--overhead', '2s', '--mtbf', '1h')
    const long = await interval('--overhead', '2s', '--mtbf', '1h', '--latency', '2s', '--recovery', '0s')
    expect(short).toEqual(long)
  })

  test('a rate without a unit counts seconds', async () => {
    const [bare, seconds] = await Promise.all(
      ['1e-3', '1e-3/s'].map((rate) => interval('--overhead', '2s', '--rate', rate)),
    )
    expect(bare).toEqual(seconds)
  })

  test('failures faster than checkpoints: no forecast', async () => {
    const { exitCode, stdout } = await interval('--overhead', '1000h', '--mtbf', '1s', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).best).toMatchObject({ intervalSeconds: 1, overheadRatio: 'Infinity' })
    expect((await interval('--overhead', '1h', '--mtbf', '1s')).stdout).toContain('hardly anything would get done')
  })

  test('overheads from a tenth of a percent to several times the work keep three digits', async () => {
    const { stdout } = await interval('--overhead', '1m', '--latency', '2m', '--recovery', '3m', '--mtbf', '5m')
    expect(stdout).toMatch(/then add \d{3} % to the running time/)
  })

  test.each([
    [[], "required option '--overhead <duration>' not specified (see paritas interval --help)"],
    [['--overhead', '1s'], 'say how often failures come, with --mtbf 44h or --rate 6.3e-6/s'],
    [
      ['--overhead', '1s', '--mtbf', '1d', '--rate', '3'],
      "option '--rate <failures>' cannot be used with option '--mtbf <duration>' (see paritas interval --help)",
    ],
    [['--overhead', '5', '--mtbf', '1d'], "--overhead must be a duration such as 500ms, 1.5s or 2m, but is '5'"],
    [
      ['--overhead', '0s', '--mtbf', '1d'],
      '--overhead must be more than 0: checkpoints that cost nothing have no best interval',
    ],
    [['--overhead', '1s', '--mtbf', '0s'], "--mtbf must be more than 0, but is '0s'"],
    [['--overhead', '1s', '--mtbf', '9999999d'], "--mtbf must be at most 365250 days, but is '9999999d'"],
    [
      ['--overhead', '1s', '--mtbf', '1d', '--latency', '-1s'],
      "--latency must be a duration such as 500ms, 1.5s or 2m, but is '-1s'",
    ],
    [
      ['--overhead', '1s', '--mtbf', '1d', '--recovery', 'x'],
      "--recovery must be a duration such as 500ms, 1.5s or 2m, but is 'x'",
    ],
    ...['0', '-1', '1/constructor', '1/', 'often', '1e-300', '1e300', 'NaN'].map((rate): [string[], string] => [
      ['--overhead', '1s', '--rate', rate],
      `--rate must be a number of failures such as 6.3e-6/s, 0.5/h or 2/d, but is '${rate}'`,
    ]),
  ])('%j: exit 1 and one line', async (typed, line) => {
    const { exitCode, stdout, stderr } = await interval(...typed)
    expect([exitCode, stdout, stderr]).toEqual([1, '', `paritas: ${line}\n`])
  })

  test('--help has examples that work', async () => {
    const { exitCode, stdout } = await interval('--help')
    expect(exitCode).toBe(0)
    const examples = [...stdout.matchAll(/^ {2}paritas (interval .*)$/gm)].map(([, typed]) => typed!.split(' '))
    expect(examples.length).toBeGreaterThan(2)
    for (const argv of examples) expect((await paritas(argv)).exitCode).toBe(0)
  })
})
