import { EventEmitter } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { InterruptedError, type RunOptions, type RunOutcome } from '../../src/machine/index.ts'
import { captureFigure } from '../machine/capture-figure.ts'
import { checkpoints, outcome, paritas, recovery, Written } from './fake-machine.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-measure-'))
  vi.stubEnv('TMPDIR', folder)
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** Ends as a run does that is interrupted. */
function untilAborted(signal: AbortSignal): Promise<RunOutcome> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new InterruptedError('interrupted'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}

/** Takes 30 checkpoints that cost so many milliseconds as their number says, and recovers whenever it was to be hit. */
async function workload(options: RunOptions): Promise<RunOutcome> {
  const { machine, faults, onNews, onFigure, signal } = options
  const { processes, protection } = machine
  for (let checkpoint = 1; checkpoint <= 30; checkpoint += 1) {
    for (let rank = 0; rank < processes; rank += 1) {
      onFigure?.(rank, captureFigure(checkpoint, { blockedMs: checkpoint === 1 ? 90 : checkpoint }))
      onFigure?.(rank, { type: 'shipped', deltaBytes: 1_048_576 * protection!.tolerate })
    }
    for (let rank = 0; rank < processes; rank += 1) {
      onFigure?.(rank, { type: 'committed', checkpoint, latencyMs: 10 * checkpoint })
    }
    const hit = faults.filter(({ when }) => when.kind === 'commit' && when.checkpoint === checkpoint)
    // One that nobody asked for does not count.
    if (checkpoint === 4) onNews({ type: 'resumed', recovery: { ...recovery, detectMs: null, totalMs: 1 }, atMs: 1 })
    if (hit.length > 0) onNews({ type: 'resumed', recovery, atMs: 1 })
  }
  return untilAborted(signal)
}

const checkpointsOnly = ['measure', '--only', 'checkpoints', '--changed', '10%', '--memory', '4MiB', '--rounds', '3']

describe('checkpoints', () => {
  test('are counted from the third on, the first one apart, and recoveries behind them', async () => {
    const { exitCode, stdout, stderr, asked } = await paritas(checkpointsOnly, workload)
    expect([exitCode, stderr]).toEqual([0, ''])
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 4))
    expect(rows).toContainEqual(['held up per checkpoint', '4.00', '3.00', expect.stringMatching(/^5.00 ms/)])
    expect(rows).toContainEqual(['latency to commit', '40.0', '30.0', expect.stringMatching(/^50.0 ms/)])
    expect(rows).toContainEqual(['SIGKILL to computing again', '81.5', '81.5', expect.stringMatching(/^81.5 ms/)])
    expect(rows).toContainEqual(['first checkpoint: held up', '90.0', '90.0', expect.stringMatching(/^90.0 ms/)])
    expect(stdout).toContain('3 checkpoints of 4 processes, 3 recoveries; changed in fact: 1.0 MiB, 25 %')
    expect(stdout).toMatch(/^Measuring for about \d+ s$/m)
    expect(asked!.sizes).toMatchObject({ pages: 1024, changed: 10, load: 100 })
    expect(asked!.faults.map(({ who, when }) => [who, when])).toEqual(
      [6, 8, 10].map((checkpoint, i) => [`a${i}`, { kind: 'commit', checkpoint }]),
    )
  })

  test('--tolerate 2: as many are killed at once, and have spares; each delta counts once', async () => {
    const { stdout, asked } = await paritas([...checkpointsOnly, '--tolerate', '2', '--load', '0%'], workload)
    expect(asked).toMatchObject({
      machine: { spares: 4, protection: { code: 'reed-solomon', tolerate: 2 } },
      sizes: { load: 0 },
    })
    expect(asked!.faults.map(({ who }) => who)).toEqual(['a0', 'a1', 'a2', 'a3', 'a0', 'a1'])
    expect(stdout).toContain('SIGKILL of 2 to computing again')
    expect(stdout).toContain('changed in fact: 1.0 MiB')
  })

  test('--json: one object as the last line, the tables on stderr', async () => {
    const { exitCode, stdout, stderr } = await paritas([...checkpointsOnly, '--changed', '1%,100%', '--json'], workload)
    expect([exitCode, stdout.trimEnd().split('\n').length]).toEqual([0, 1])
    const told = JSON.parse(stdout)
    expect(told).toMatchObject({
      setting: {
        processes: 4,
        memoryBytes: 4_194_304,
        tolerate: 1,
        loadPercent: 100,
        rounds: 3,
        isQuick: false,
        isFresh: false,
      },
      ...{ codes: null, firstWrite: null, links: null, slowdown: null },
    })
    expect(told.checkpoints.map((one: { changedPercent: number }) => one.changedPercent)).toEqual([1, 100])
    const [{ heldUpMs, latencyMs, recovery: recovered }] = told.checkpoints
    expect(heldUpMs).toMatchObject({ median: 4, min: 3, max: 5, copiedBytes: 1_048_576 })
    expect(heldUpMs.samples).toHaveLength(12)
    expect(latencyMs).toMatchObject({ median: 40, copiedBytes: 4_194_304 })
    expect(latencyMs.toCopy).toBeGreaterThan(0)
    expect(recovered).toMatchObject({
      lost: 1,
      totalMs: { median: 81.5 },
      detectMs: { median: 3.1, samples: [3.1, 3.1, 3.1] },
    })
    expect(stderr).toContain('Checkpoints, 100 % changed')
  })

  test('--json FILE: the same in a file, and nothing of it on stdout', async () => {
    const path = join(folder, 'figures.json')
    const { exitCode, stdout } = await paritas([...checkpointsOnly, '--json', path], workload)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('held up per checkpoint')
    expect(JSON.parse(readFileSync(path, 'utf8')).checkpoints).toHaveLength(1)
    rmSync(path)
  })

  test('a workload that ends by itself is a defect, and a failure is told once', async () => {
    const path = join(folder, 'figures.json')
    const { exitCode, stdout, stderr } = await paritas([...checkpointsOnly, '--json', path], async () => outcome())
    expect(exitCode).toBe(70)
    expect(stderr).toContain('the workload ended before everything was measured')
    expect(stdout).not.toContain('exitCode')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('slowdown', () => {
  test('is what protected runs take longer, in turns, with as many steps', async () => {
    const runs: RunOptions[] = []
    const machine = async (options: RunOptions): Promise<RunOutcome> => {
      runs.push(options)
      const timedMs = options.machine.protection === null ? 400 : 420
      return outcome({ results: [{ timedMs: 1 }, { timedMs }], checkpoints })
    }
    const { exitCode, stdout } = await paritas(['measure', '--only', 'slowdown', '--rounds', '2'], machine)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}slowdown against --scheme none +5.00 +5.00 +5.00 %$/m)
    expect(stdout).toContain('2 pairs of runs, in turns; 14 checkpoints in each protected one')
    expect(runs.map(({ machine: { protection } }) => protection !== null)).toEqual([false, false, true, true, false])
    // 200 steps in 400 ms, so 4 s to warm up and 5 s to count.
    expect(runs.slice(1).map(({ sizes }) => [sizes.steps, sizes.warmUpSteps])).toEqual(Array(4).fill([4500, 2000]))
    expect(runs.map(({ machine: { timeoutMs } }) => timeoutMs)).toEqual(Array(5).fill(1000))
  })
})

describe('codes and links, as they are', () => {
  test('speeds of every kind of kernels, of which one is used', async () => {
    const { exitCode, stdout } = await paritas(['measure', '--only', 'codes,links', '--rounds', '1', '--json'])
    expect(exitCode).toBe(0)
    const { codes, firstWrite, links } = JSON.parse(stdout)
    const xor = codes.codes.filter(({ code }: { code: string }) => code === 'xor')
    expect(xor[0]).toMatchObject({ kernels: 'JavaScript', rows: 1 })
    expect(xor.filter(({ isUsed }: { isUsed: boolean }) => isUsed)).toHaveLength(1)
    expect(codes.codes).toHaveLength(2 * xor.length)
    for (const { bytesPerSecond } of codes.codes) expect(bytesPerSecond.median).toBeGreaterThan(1e6)
    expect(firstWrite).toMatchObject({ pageBytes: 4096, tracker: expect.stringMatching(/^(shadow|compare)$/) })
    expect(links.map(({ kind, messageBytes }: { kind: string; messageBytes: number }) => [kind, messageBytes])).toEqual(
      [
        ...[64, 65_536, 1_048_576].map((bytes) => ['roundTrip', bytes]),
        ...[64, 65_536, 1_048_576].map((bytes) => ['flow', bytes]),
      ],
    )
    // A round trip takes longer than a message of a flow.
    expect(links[0].messageUs.median).toBeGreaterThan(links[3].messageUs.median)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('Ctrl-C', () => {
  test.each(['codes', 'links', 'checkpoints', 'slowdown'])(
    'while %s are measured: exit 130, nothing is left',
    async (part) => {
      const signals = new EventEmitter()
      const stderr = new Written()
      const stdout = new Written()
      const write = stdout.write.bind(stdout)
      stdout.write = (text) => {
        write(text)
        if (text.includes('measuring')) setImmediate(() => signals.emit('SIGINT'))
      }
      const machine = ({ signal }: RunOptions): Promise<RunOutcome> => untilAborted(signal)
      const { exitCode } = await paritas(['measure', '--only', part], machine, { signals, stdout, stderr })
      expect([exitCode, stderr.text]).toEqual([130, 'paritas: interrupted\n'])
      expect(stdout.text).toContain('interrupted: ending every process')
      expect(readdirSync(folder)).toEqual([])
      expect(signals.listenerCount('SIGINT')).toBe(0)
    },
  )
})

describe('in a terminal', () => {
  test('one line is rewritten, and gone at the end', async () => {
    const stderr = new Written(true)
    const { stdout } = await paritas(checkpointsOnly, workload, { stderr })
    expect(stderr.text).toMatch(/ 0 %.*about \d+ s left.*checkpoints, 10 % changed/)
    expect(stderr.text.endsWith('\r\u001b[2K')).toBe(true)
    expect(stdout).not.toContain('measuring')
  })
})

test.each([
  [['--processes', '0'], "--processes must be a whole number from 1 to 64, but is '0'"],
  [['--memory', 'lean'], '--memory is the size of a process here: choose the tracker with --tracker lean'],
  [['--memory', '64'], "--memory must be from 4KiB to 1GiB, but is '64'"],
  [['--memory', 'much'], "--memory must be a number of bytes such as 64MiB, 512KiB or 1048576, but is 'much'"],
  [['--changed', '1%,0'], "--changed must be shares of the memory such as 1%,10%,100%, each above 0, but has '0'"],
  [['--changed', '101%'], "--changed must be shares of the memory such as 1%,10%,100%, each above 0, but has '101%'"],
  [['--load', '101'], "--load must be from 0% to 100%, but is '101'"],
  [['--tracker', 'x'], "--tracker must be auto, shadow, lean or compare, but is 'x'"],
  [['--tolerate', '9'], "--tolerate must be a whole number from 1 to 8, but is '9'"],
  [['--only', 'codes,x'], "--only takes codes, links, checkpoints and slowdown, with commas between them, but has 'x'"],
  [
    ['--quick', '--rounds', '9'],
    "option '--quick' cannot be used with option '--rounds <n>' (see paritas measure --help)",
  ],
  [['--json', '/no/such'], '--json /no/such: no such folder: /no'],
  [['--json', '/dev'], '--json /dev: it is a folder; give the name of a file'],
  [['--json='], '--json: the name of the file is empty'],
])('%j: exit 1 and one line', async (options, line) => {
  const { exitCode, stdout, stderr, asked } = await paritas(['measure', ...options])
  expect([exitCode, stdout, stderr, asked]).toEqual([1, '', `paritas: ${line}\n`, null])
})
