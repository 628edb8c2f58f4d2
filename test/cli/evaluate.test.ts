import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { evaluateDefaults, readEvaluateArguments } from '../../src/cli/evaluate/arguments.ts'
import { requireShares } from '../../src/cli/evaluate/shares.ts'
import { InterruptedError, type RunOptions, type RunOutcome } from '../../src/machine/index.ts'
import { captureFigure } from '../machine/capture-figure.ts'
import { checkpoints, outcome, paritas, recovery, Written } from './fake-machine.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-evaluate-'))
  vi.stubEnv('TMPDIR', folder)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const { mkdir } = fs

/** A run of the program that computes nothing, with three checkpoints and, if it was to be, a recovery. */
async function machine({ machine: asked, faults, onFigure, program }: RunOptions): Promise<RunOutcome> {
  const { protection, processes } = asked
  if (protection) {
    for (const checkpoint of [1, 2, 3]) {
      onFigure?.(0, captureFigure(checkpoint, { blockedMs: 3 }))
      onFigure?.(0, { type: 'committed', checkpoint, latencyMs: 20 })
    }
  }
  // Nothing was computed, so there is nothing to check.
  delete (program.program as { verify?: unknown }).verify
  return outcome({
    elapsedMs: protection ? 1100 : 1000,
    results: Array(processes).fill(null),
    checkpoints: { ...checkpoints, committed: protection ? 3 : 0 },
    memory: {
      programBytes: 100,
      applicationBytes: 150,
      checkpointBytes: 50,
      backupBytes: 50,
      spareBytes: 0,
      processBytes: null,
    },
    recoveries: faults.length > 0 ? [recovery] : [],
  })
}

const tiny = [
  'evaluate',
  '--size',
  'tiny',
  '--applications',
  'merge-sort',
  '--schemes',
  'none,enhanced',
  '--rounds',
  '2',
]

describe('an evaluation', () => {
  test('makes its runs in turns, and writes tables, page and raw figures', async () => {
    const output = join(folder, 'whole')
    const asked: RunOptions[] = []
    const { exitCode, stdout, stderr } = await paritas([...tiny, '--output', output], (options) => {
      asked.push(options)
      return machine(options)
    })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Evaluating for about \d+ s: 10 runs$/m)
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
    expect(rows).toContainEqual(['merge sort, enhanced', '33.3 ms', '3.00 ms', '20.0 ms', '81.5 ms', '3.00'])
    expect(asked.slice(1, 5).map(({ machine: { protection } }) => protection !== null)).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(asked.every(({ machine: { timeoutMs } }) => [150, 60, null].includes(timeoutMs))).toBe(true)
    const report = JSON.parse(readFileSync(join(output, 'report.json'), 'utf8'))
    expect(report.runs).toHaveLength(10)
    expect(report.setting).toMatchObject({ rounds: 2, intervalMs: 150, schemes: ['none', 'enhanced'] })
    expect(readFileSync(join(output, 'report.html'), 'utf8')).toContain('33.3 ms')
    expect(readdirSync(folder), 'nothing but the output is left').toEqual(['whole'])
    rmSync(output, { recursive: true })
  })

  test('measures the other variant of synchronous schemes, and names it', async () => {
    const output = join(folder, 'captured')
    const asked = new Set<string>()
    const variant = ['--schemes', 'none,n+1-parity', '--resume', 'after-capture']
    const { exitCode, stdout, stderr } = await paritas([...tiny, ...variant, '--output', output], (options) => {
      if (options.machine.protection) asked.add(options.machine.coordination)
      return machine(options)
    })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect([...asked]).toEqual(['resume-after-capture'])
    expect(stdout).toContain('merge sort, N+1 parity after capture')
    expect(readFileSync(join(output, 'report.html'), 'utf8')).toContain(
      'until all have captured (--resume after-capture)',
    )
    rmSync(output, { recursive: true })
    const nobody = await paritas([...tiny, '--resume', 'after-capture', '--output', output])
    expect([nobody.exitCode, nobody.stderr]).toEqual([
      ...[1, 'paritas: --resume after-capture: nobody is frozen under the chosen --schemes; leave out --resume\n'],
    ])
  })

  test('Ctrl-C: exit 130, finished runs are kept, and the same command makes the others', async () => {
    const output = join(folder, 'resumed')
    const signals = new EventEmitter()
    const stdout = new Written()
    let runs = 0
    const interrupted = (options: RunOptions): Promise<RunOutcome> => {
      runs += 1
      if (runs < 4) return machine(options)
      setImmediate(() => signals.emit('SIGINT'))
      return new Promise((_, reject) => {
        options.signal.addEventListener('abort', () => reject(new InterruptedError('interrupted')))
      })
    }
    const first = await paritas([...tiny, '--output', output], interrupted, { signals, stdout })
    expect([first.exitCode, first.stderr]).toEqual([130, 'paritas: interrupted\n'])
    expect(stdout.text).toContain(`3 finished runs of 10 kept in ${output}: the same command goes on from there`)
    expect(signals.listenerCount('SIGINT')).toBe(0)
    expect(readdirSync(folder)).toEqual(['resumed'])

    runs = 0
    const rest = await paritas([...tiny, '--output', output], (options) => {
      runs += 1
      return machine(options)
    })
    expect([rest.exitCode, runs]).toEqual([0, 7])
    expect(rest.stdout).toMatch(/: 7 runs, 3 are finished already$/m)

    const again = await paritas([...tiny, '--output', output, '--mtbf', '1h'])
    expect([again.exitCode, again.asked]).toEqual([0, null])
    expect(again.stdout).toContain('Every run is finished: the report is made anew')
    expect(again.stdout).toContain('60.0 min')

    const other = await paritas([...tiny, '--output', output, '--seed', '2'])
    expect(other.exitCode).toBe(1)
    expect(other.stderr).toMatch(/^paritas: --output .*: it holds an evaluation with other options/)
    rmSync(output, { recursive: true })
  })

  test('a wrong result ends it with exit 2, and is not kept', async () => {
    const output = join(folder, 'wrong')
    const wrong = async (options: RunOptions) => outcome({ results: Array(options.machine.processes).fill(null) })
    const { exitCode, stderr } = await paritas([...tiny, '--output', output], wrong)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^paritas: the result of the run 'warm-up merge-sort enhanced round-1' is wrong: /)
    expect(readFileSync(join(output, 'runs.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1)
    rmSync(output, { recursive: true })
  })
})

test('a second one in the same folder: exit 1 and one line, and no run', async () => {
  const output = join(folder, 'shared')
  let second: Awaited<ReturnType<typeof paritas>> | null = null
  const first = await paritas([...tiny, '--output', output], async (options) => {
    second ??= await paritas([...tiny, '--output', output])
    return machine(options)
  })
  expect(first.exitCode).toBe(0)
  expect(second).toMatchObject({ exitCode: 1, asked: null })
  expect(second!.stderr).toBe(`paritas: --output ${output}: it is in use by a run that goes on (pid ${process.pid})\n`)
  expect(readdirSync(output)).not.toContain('lock')
  rmSync(output, { recursive: true })
})

test('processes that an application cannot be computed with: one line, before anything is made', async () => {
  const output = join(folder, 'grid')
  const { exitCode, stderr, asked } = await paritas(['evaluate', '--processes', '3', '--output', output])
  expect([exitCode, asked]).toEqual([1, null])
  expect(stderr).toMatch(/^paritas: program 'matrix-multiplication': 3 processes make no square grid: use .*\n$/)
  expect(existsSync(output)).toBe(false)
})

test('an output that is no folder: exit 1 and one line', async () => {
  const path = join(folder, 'file')
  writeFileSync(path, '')
  const { exitCode, stderr, asked } = await paritas([...tiny, '--output', path])
  expect([exitCode, asked]).toEqual([1, null])
  expect(stderr).toBe(`paritas: --output ${path}: it is a file; give the name of a folder\n`)
  rmSync(path)
  symlinkSync('nowhere', path)
  const dangling = await paritas([...tiny, '--output', path])
  expect(dangling.stderr).toBe(
    `paritas: --output ${path}: it is a link that leads nowhere; give the name of a folder\n`,
  )
  rmSync(path)
})

test('an output on a disk that is read-only: exit 1 and what the system says', async () => {
  const path = join(folder, 'read-only')
  const failure = Object.assign(new Error('EROFS: read-only file system, mkdir'), { code: 'EROFS', syscall: 'mkdir' })
  vi.spyOn(fs, 'mkdir').mockImplementation((to, ...rest) => {
    if (to === path) return Promise.reject(failure)
    return mkdir(to, ...(rest as [])) as Promise<undefined>
  })
  syncBuiltinESMExports()
  const { exitCode, stderr } = await paritas([...tiny, '--output', path])
  vi.restoreAllMocks()
  syncBuiltinESMExports()
  expect([exitCode, stderr]).toEqual([1, `paritas: --output ${path}: the file system is read-only\n`])
})

test.each([
  [
    ['--applications', 'merge-sort,x'],
    "--applications takes merge-sort, matrix-multiplication and shortest-paths, with commas between them, but has 'x'",
  ],
  [['--rounds', '0'], "--rounds must be a whole number from 1 to 1000, but is '0'"],
  [['--interval', '1ms'], "--interval must be at least 10ms, but is '1ms'"],
  [['--interval', 'often'], "--interval must be a duration such as 500ms, 1.5s or 2m, but is 'often'"],
  [['--mtbf', '0s'], "--mtbf must be more than 0, but is '0s'"],
  [['--processes', '1'], "--processes must be a whole number from 2 to 64, but is '1'"],
  [['--size', 'huge'], "--size must be full, quick or tiny, but is 'huge'"],
  [['--cores-each', '0.09'], "--cores-each must be a number of cores from 0.1 to 64, but is '0.09'"],
  [['--cores-each', '14%'], "--cores-each must be a number of cores from 0.1 to 64, but is '14%'"],
  [['--output='], '--output: the name of the folder is empty'],
  [
    ['--quick', '--size', 'full'],
    "option '--size <name>' cannot be used with option '--quick' (see paritas evaluate --help)",
  ],
])('%j: exit 1 and one line', async (options, line) => {
  const { exitCode, stdout, stderr, asked } = await paritas(['evaluate', ...options])
  expect([exitCode, stdout, stderr, asked]).toEqual([1, '', `paritas: ${line}\n`, null])
})

test('schemes that there are not: one line that names those that there are', async () => {
  const { exitCode, stderr } = await paritas(['evaluate', '--schemes', 'none,x'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^paritas: --schemes takes none, .*enhanced.*, with commas between them, but has 'x'\n$/)
})

test('shares that are more than there is: one line that says how much there is for each, and nothing is made', async () => {
  const { setting } = readEvaluateArguments({ ...evaluateDefaults, tolerate: '4', coresEach: '0.5' })
  expect(() => requireShares(setting, 2)).toThrow(
    '--cores-each 0.5: 13 processors would take 6.5 cores, and there are 2; use at most 0.15, or fewer processors (--processes, --tolerate)',
  )
  expect(() => requireShares({ ...setting, schemes: ['none'] }, 1.5)).toThrow(
    '--cores-each 0.5: 4 processors would take 2 cores, and there are 1.5; use at most 0.37,',
  )
  const output = join(folder, 'never')
  const { exitCode, stderr, asked } = await paritas(['evaluate', '--cores-each', '64', '--output', output])
  expect([exitCode, asked, existsSync(output)]).toEqual([1, null, false])
  expect(stderr).toMatch(/^paritas: --cores-each 64: 9 processors would take 576 cores, and there are .*\n$/)
})
