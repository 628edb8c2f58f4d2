import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../../src/base/index.ts'
import {
  defaultSettings,
  InterruptedError,
  ProgramError,
  type RunOptions,
  type RunOutcome,
  temporaryFolder,
  UncoveredLossError,
} from '../../src/machine/index.ts'
import { checkpoints, eventfulNews, outcome, paritas, recovery, Written } from './fake-machine.ts'

const root = mkdtempSync(join(tmpdir(), 'paritas-cli-'))
let folder = root
let tests = 0

// The folders of runs go where each test can see whether they are gone.
beforeEach(() => {
  tests += 1
  folder = join(root, String(tests))
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  expect(readdirSync(join(folder, 'tmp'))).toEqual([])
})
afterAll(() => rmSync(root, { recursive: true }))

const sorted = Float64Array.of(1, 2.5, 3)
const sortedRun = (): RunOutcome =>
  outcome({ results: [{ records: 3 }, undefined], emitted: [sorted], checkpoints, recoveries: [recovery] })

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** A program of one's own, with `parts` beside what every program needs. */
function program(parts = ''): string {
  const source = `import { defineProgram, UsageError, u32 } from 'paritas'
    export default defineProgram({
      name: 'mine', memory: () => ({ count: u32() }),
      start: (self) => self.done(), step: (self) => self.done(),
      ${parts}
    })`
  return write('mine.ts', source)
}

function lastJson(stdout: string): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!)
}

describe('a run that finishes', () => {
  const input = ['--input', 'numbers.txt']
  const sort = async (argv: readonly string[], news = eventfulNews) => {
    const numbers = write('numbers.txt', '3\n1\n\n2.5\n')
    return paritas(
      argv.map((one) => (one === 'numbers.txt' ? numbers : one)),
      async (options) => {
        for (const one of news) options.onNews(one)
        return sortedRun()
      },
    )
  }

  test('tells what happens, that the output is verified, and what it cost', async () => {
    const { exitCode, stdout, stderr } = await sort(['run', 'merge-sort', ...input, '--kill', '2@50%'])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatchInlineSnapshot(`
      "merge-sort on 4 processes, scheme enhanced
        4 application processors   pid 4710, 4711, 4712, 4713
        1 checkpoint processor     pid 4714
        1 backup processor         pid 4715
        1 spare processor          pid 4716
          1.10 s   52 %   checkpoint 6   12.3 MiB of delta sent
          1.31 s  killing application processor 2 (pid 4712) with SIGKILL
          1.31 s  lost application processor 2 (pid 4712): its link closed
          1.31 s  recovering: every process goes back to checkpoint 6
          1.39 s  computing again after 82 ms (detect 3.1 ms, rebuild 42 ms, resume 36 ms)
                  213 ms of work is done again
          1.39 s  100 %   checkpoint 6   12.3 MiB of delta sent

      ✔ output verified against an independent sort

        result   { records: 3 }

        elapsed                  2.51 s
        checkpoints committed    14
        delta sent               38.2 MiB
        held up per checkpoint   1.8 ms         median; 0.90 ms to 4.2 ms
        latency to commit        22 ms          median; 9.0 ms to 61 ms
        recovery                 checkpoint 6   lost: application processor 2
          time to recover        82 ms          detect 3.1 ms, rebuild 42 ms, resume 36 ms
          work lost              213 ms

      "
    `)
  })

  test('leaves out what there is not', async () => {
    const { stdout } = await paritas(['run', program(), '--scheme', 'none', '--processes', '1'])
    expect(stdout).toMatchInlineSnapshot(`
      "mine on 1 process, scheme none

      finished; the result is not verified, since the program has no verify()

        elapsed   2.51 s

      "
    `)
  })

  test('numbers its recoveries', async () => {
    const both = [
      { ...recovery, lost: ['a2', 'c0', 'a2'] as const },
      { ...recovery, lost: ['c0', 'b0'] as const, rollback: false, detectMs: null },
    ]
    const { stdout } = await paritas(['run', program("verify: () => null, verifiedAgainst: 'a table',")], async () =>
      outcome({ results: [1.5, 'two', Float64Array.of(3)], recoveries: both }),
    )
    expect(stdout).toMatchInlineSnapshot(`
      "mine on 4 processes, scheme enhanced

      ✔ result verified against a table

        result of process 0   1.5
        result of process 1   'two'
        result of process 2   Float64Array(1) [ 3 ]

        elapsed                 2.51 s
        checkpoints committed   0
        delta sent              0 B
        recovery 1              checkpoint 6   lost: application processor 2 (2 times) and checkpoint processor
          time to recover       82 ms          detect 3.1 ms, rebuild 42 ms, resume 36 ms
          work lost             213 ms
        recovery 2              checkpoint 6   lost: checkpoint processor and backup processor
          time to recover       82 ms          detect unknown, rebuild 42 ms, resume 36 ms
          work lost             none

      "
    `)
  })

  test('--json: one object as the last line of stdout, all else on stderr', async () => {
    const { exitCode, stdout, stderr } = await sort(['run', 'merge-sort', ...input, '--json'])
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(stderr).toContain('output verified against an independent sort')
    expect(lastJson(stdout)).toMatchInlineSnapshot(`
      {
        "checkpoints": {
          "blockedMs": 1.83,
          "blockedMsRange": [
            0.9,
            4.2,
          ],
          "committed": 14,
          "deltaBytes": 40055603,
          "disk": null,
          "drainMs": null,
          "drainMsRange": null,
          "frozenMs": null,
          "frozenMsRange": null,
          "latencyMs": 22.4,
          "latencyMsRange": [
            9,
            61,
          ],
        },
        "elapsedMs": 2512,
        "log": {
          "bytes": 0,
          "bytesRange": [
            0,
            0,
          ],
          "messages": 0,
          "messagesRange": [
            0,
            0,
          ],
        },
        "memory": {
          "applicationBytes": 0,
          "backupBytes": 0,
          "checkpointBytes": 0,
          "processBytes": null,
          "programBytes": 0,
          "spareBytes": 0,
        },
        "program": "merge-sort",
        "recoveries": [
          {
            "detectMs": 3.1,
            "fromDisk": false,
            "lost": [
              "a2",
            ],
            "lostWorkMs": 213,
            "rebuildMs": 42,
            "resumeMs": 36.4,
            "rollback": true,
            "toCheckpoint": 6,
            "totalMs": 81.5,
          },
        ],
        "result": {
          "records": 3,
        },
        "results": [
          {
            "records": 3,
          },
          null,
        ],
        "resume": null,
        "scheme": "enhanced",
        "seed": null,
        "takeOvers": [],
        "verified": true,
      }
    `)
  })

  test('--output: what was emitted, as the program formats it', async () => {
    const path = join(folder, 'sorted.txt')
    const { exitCode } = await sort(['run', 'merge-sort', ...input, '--output', path])
    expect([exitCode, readFileSync(path, 'utf8')]).toEqual([0, '1\n2.5\n3\n'])
    expect(readdirSync(folder).sort()).toEqual(['numbers.txt', 'sorted.txt', 'tmp'])
  })
})

describe('what the machine is asked for', () => {
  test('the defaults', async () => {
    const { asked } = await paritas(['run', program()])
    expect(asked).toMatchObject({
      machine: defaultSettings,
      ...{ sizes: {}, input: null, faults: [], tracePath: null },
    })
  })

  test('n+1-parity: all freeze, and there is no timeout unless one is given', async () => {
    const scheme = ['run', program(), '--scheme', 'n+1-parity']
    const { asked } = await paritas(scheme)
    expect(asked).toMatchObject({ machine: { coordination: 'resume-after-commit', timeoutMs: null } })
    const variant = await paritas([...scheme, '--resume', 'after-capture', '--timeout', '100ms'])
    expect(variant.asked).toMatchObject({ machine: { coordination: 'resume-after-capture', timeoutMs: 100 } })
    expect(variant.stdout).toContain('scheme n+1-parity, resume after capture')
  })

  test('every option', async () => {
    const numbers = write('numbers.txt', '2\n1\n')
    const trace = join(folder, 'events.jsonl')
    const { asked } = await paritas(
      [
        ...['run', 'merge-sort', '--processes', '6', '--spares', '2', '--tolerate', '1', '--scheme', 'enhanced'],
        ...['--timeout', '200ms', '--buffer', '1GiB', '--size', 'chunk=10', '--size', 'seed=7', '--input', numbers],
        ...['--kill', '5@1s', '--kill', 'random@10%', '--freeze', 'backup@commit:2+1s', '--seed', '42'],
        ...['--trace', trace],
      ],
      async () => outcome({ emitted: [Float64Array.of(1, 2)] }),
    )
    expect(asked).toMatchObject({
      machine: {
        processes: 6,
        spares: 2,
        protection: { code: 'reed-solomon', tolerate: 1 },
        timeoutMs: 200,
        bufferBytes: 2 ** 30,
      },
      ...{ sizes: { chunk: 10, seed: 7, records: 2 }, input: Float64Array.of(2, 1), seed: 42, tracePath: trace },
      faults: [
        { kind: 'kill', who: 'a5', when: { kind: 'time', ms: 1000 } },
        { kind: 'kill', who: 'random', when: { kind: 'progress', share: 0.1 } },
        { kind: 'freeze', who: 'b0', when: { kind: 'commit', checkpoint: 2 }, thawAfterMs: 1000 },
      ],
    })
  })

  test('a seed of its own for random faults, which is told', async () => {
    const { asked, stdout } = await paritas(['run', program(), '--kill', 'random@1s'])
    expect(stdout).toContain(`random faults with --seed ${asked!.seed}\n`)
    const { stdout: quiet } = await paritas(['run', program(), '--kill', '1@1s'])
    expect(quiet).not.toContain('seed')
  })

  test('a folder that only the user can enter, and that is there during the run', async () => {
    let mode = 0
    const { asked } = await paritas(['run', program()], async ({ runFolder }) => {
      mode = statSync(runFolder).mode & 0o777
      return outcome()
    })
    expect(mode).toBe(0o700)
    expect(dirname(asked!.runFolder)).toBe(join(folder, 'tmp'))
    expect(existsSync(asked!.runFolder)).toBe(false)
  })
})

test('temporary folders whose paths are too long for sockets are not used', () => {
  expect(temporaryFolder('/var/tmp')).toBe('/var/tmp')
  expect(temporaryFolder(`/${'x'.repeat(79)}`)).toBe(`/${'x'.repeat(79)}`)
  expect(temporaryFolder(`/${'x'.repeat(80)}`)).toBe('/tmp')
  expect(temporaryFolder(`/${'ü'.repeat(40)}`)).toBe('/tmp')
})

describe('exit codes', () => {
  const fails = async (error: unknown, argv: readonly string[] = []) =>
    paritas(['run', program(), ...argv], async () => {
      throw error
    })

  test('1: something the machine finds wrong with what was given', async () => {
    const { exitCode, stderr } = await fails(new UsageError('memory of process 1 is too large'))
    expect([exitCode, stderr]).toEqual([1, 'paritas: memory of process 1 is too large\n'])
  })

  test("2: the program's own fault, with its own stack", async () => {
    const error = new ProgramError('process 1 threw twice at mine.ts:3:5', 'TypeError: no\n    at step (mine.ts:3:5)')
    const { exitCode, stderr } = await fails(error)
    expect(exitCode).toBe(2)
    expect(stderr).toBe('paritas: process 1 threw twice at mine.ts:3:5\nTypeError: no\n    at step (mine.ts:3:5)\n')
  })

  test('2: the result is wrong; nothing is written', async () => {
    const path = join(folder, 'sorted.txt')
    const argv = ['run', 'merge-sort', '--size', 'records=2', '--output', path, '--json']
    const { exitCode, stdout, stderr } = await paritas(argv, async () => outcome({ emitted: [Float64Array.of(5)] }))
    expect(exitCode).toBe(2)
    const line = "the result of program 'merge-sort' is wrong: record 1 is 5, but should be 11749869"
    expect(stderr).toMatch(/^paritas: the result of program 'merge-sort' is wrong: record 1 is 5, but should be \d+$/m)
    expect(lastJson(stdout)).toMatchObject({ exitCode: 2, error: expect.stringContaining(line.slice(0, 60)) })
    expect(existsSync(path)).toBe(false)
  })

  test('3: a loss that nothing covers', async () => {
    const { exitCode, stderr, stdout } = await fails(new UncoveredLossError('lost a1 and a2'), ['--json'])
    expect([exitCode, stderr.split('\n').at(-2)]).toEqual([3, 'paritas: lost a1 and a2'])
    expect(lastJson(stdout)).toEqual({ error: 'lost a1 and a2', exitCode: 3 })
  })

  test('70: a defect, with a request to report it', async () => {
    const { exitCode, stderr } = await fails(new RangeError('index -1'))
    expect(exitCode).toBe(70)
    expect(stderr).toMatch(/^paritas: internal error: index -1$/m)
    expect(stderr).toContain('RangeError: index -1\n    at ')
    expect(stderr).toMatch(/Please report it, with the command and these lines\.\n$/)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('130: %s, also when it comes twice', async (name) => {
    const signals = new EventEmitter()
    let aborted = 0
    const waits = ({ signal }: RunOptions) =>
      new Promise<RunOutcome>((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1
          // Cleaning up takes a while, in which an impatient user tries again.
          signals.emit(name)
          setImmediate(() => reject(signal.reason))
        })
        signals.emit(name)
      })
    const { exitCode, stderr, stdout } = await paritas(['run', program(), '--json'], waits, { signals })
    expect([exitCode, aborted]).toEqual([130, 1])
    expect(stderr.split('\n').at(-2)).toBe('paritas: interrupted')
    expect(lastJson(stdout)).toEqual({ error: 'interrupted', exitCode: 130 })
    expect(signals.listenerCount(name)).toBe(0)
  })

  test('130: a machine that finished although it was interrupted does not count', async () => {
    const signals = new EventEmitter()
    const finishes = async () => {
      signals.emit('SIGINT')
      return outcome()
    }
    expect(await paritas(['run', program()], finishes, { signals })).toMatchObject({ exitCode: 130 })
  })

  test('130: the machine may report the interruption by itself', async () => {
    expect(await fails(new InterruptedError('signal'))).toMatchObject({ exitCode: 130 })
  })
})

describe("the program's parts that run in the command", () => {
  test.each([
    ['verify', 'verify() { throw new RangeError("lost count") },', [], "verify of program 'mine' failed: lost count"],
    [
      'output.format',
      'output: { format: () => { throw new RangeError("lost count") } },',
      ['--output', 'out.txt'],
      "output.format of program 'mine' failed: lost count",
    ],
    [
      'output.format that returns no text',
      'output: { format: () => 5 },',
      ['--output', 'out.txt'],
      "output.format of program 'mine' failed: it must return a text",
    ],
    [
      'input.parse',
      'input: { description: "x", async parse() { throw new RangeError("lost count") } },',
      ['--input', 'in.txt'],
      "input.parse of program 'mine' failed: lost count",
    ],
  ])('%s throws: exit 2 with its own stack', async (_, parts, argv, message) => {
    write('in.txt', 'a\n')
    const given = argv.map((one) => (one.endsWith('.txt') ? join(folder, one) : one))
    const path = program(parts)
    const { exitCode, stderr } = await paritas(['run', path, ...given], async () => outcome({ emitted: [1] }))
    expect([exitCode, stderr.split('\n')[0]]).toEqual([2, `paritas: ${message}`])
    expect(stderr).not.toMatch(/commander|\/src\/cli\//)
    if (message.endsWith('lost count')) expect(stderr.split('\n')[2]).toMatch(/^ {4}at .*mine\.ts:5:\d+/)
    expect(readdirSync(folder).sort()).toEqual(['in.txt', 'mine.ts', 'tmp'])
  })

  test('a line of input that is wrong: exit 1, with file and line', async () => {
    const numbers = write('numbers.txt', '1\n2\nthree\n')
    const { exitCode, stderr, asked } = await paritas(['run', 'merge-sort', '--input', numbers])
    expect([exitCode, stderr, asked]).toEqual([1, `paritas: ${numbers}:3: 'three' is no number\n`, null])
  })
})

describe('a terminal', () => {
  test('ends with the summary and no rewritten line', async () => {
    const terminal = new Written(true)
    await paritas(['run', program()], async () => outcome(), { stdout: terminal, stderr: terminal })
    expect(terminal.text).toMatch(/delta sent\s+0 B\n\n$/)
  })
})
