import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { execute } from '../../src/cli/command.ts'
import type { TextStream } from '../../src/cli/surroundings.ts'
import type { Recovery, RunNews, RunOptions, RunOutcome } from '../../src/machine/index.ts'

export const recovery: Recovery = {
  lost: ['a2'],
  toCheckpoint: 6,
  rollback: true,
  fromDisk: false,
  detectMs: 3.1,
  rebuildMs: 42,
  resumeMs: 36.4,
  totalMs: 81.5,
  lostWorkMs: 213,
}

/** A run without checkpoints and losses, that emitted and gave nothing, but for `changes`. */
export function outcome(changes: Partial<RunOutcome> = {}): RunOutcome {
  const none = { count: 0, median: 0, min: 0, max: 0 }
  return {
    results: [],
    emitted: [],
    elapsedMs: 2512,
    checkpoints: {
      committed: 0,
      blockedMs: none,
      frozenMs: null,
      drainMs: null,
      latencyMs: none,
      deltaBytes: 0,
      disk: null,
    },
    log: { messages: none, bytes: none },
    memory: {
      programBytes: 0,
      applicationBytes: 0,
      checkpointBytes: 0,
      backupBytes: 0,
      spareBytes: 0,
      processBytes: null,
    },
    recoveries: [],
    takeOvers: [],
    ...changes,
  }
}

export const checkpoints: RunOutcome['checkpoints'] = {
  committed: 14,
  blockedMs: { count: 60, median: 1.83, min: 0.9, max: 4.2 },
  frozenMs: null,
  drainMs: null,
  latencyMs: { count: 60, median: 22.4, min: 9, max: 61 },
  deltaBytes: 40_055_603,
  disk: null,
}

/** What a run with one loss tells. */
export const eventfulNews: readonly RunNews[] = [
  {
    type: 'started',
    // In the order in which they came up.
    processors: [
      ...[4711, 4710, 4713, 4712].map((pid) => ({ name: `application processor ${pid - 4710}`, pid })),
      { name: 'spare', pid: 4716 },
      { name: 'backup processor', pid: 4715 },
      { name: 'checkpoint processor', pid: 4714 },
    ],
  },
  { type: 'progress', share: 0.04 },
  { type: 'commit', checkpoint: 6, deltaBytes: 12_901_000, atMs: 1100 },
  { type: 'progress', share: 0.52 },
  { type: 'fault', kind: 'kill', name: 'application processor 2', pid: 4712, atMs: 1310 },
  { type: 'lost', name: 'application processor 2', pid: 4712, why: 'its link closed', atMs: 1313.1 },
  { type: 'line', toCheckpoint: 6, atMs: 1314, rollback: true, fromDisk: false },
  { type: 'resumed', recovery, atMs: 1391.5 },
  { type: 'progress', share: 1 },
]

/** A stream that keeps what is written to it. */
export class Written implements TextStream {
  text = ''
  readonly isTTY: boolean
  readonly columns: number | undefined

  /** As with real ones, only a terminal has a width. */
  constructor(isTTY = false, columns = 100) {
    this.isTTY = isTTY
    this.columns = isTTY ? columns : undefined
  }

  write(text: string): void {
    this.text += text
  }
}

export interface Executed {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** What the machine was asked to do; null when it was not. */
  readonly asked: RunOptions | null
}

export const programsFolder = fileURLToPath(new URL('../../programs', import.meta.url))

/** Runs the command in this process, on a machine that is `runMachine` alone. */
export async function paritas(
  argv: readonly string[],
  runMachine: (options: RunOptions) => Promise<RunOutcome> = async () => outcome(),
  {
    stdout = new Written(),
    stderr = new Written(),
    signals = new EventEmitter(),
    env = {} as Readonly<Record<string, string>>,
    now = null as (() => number) | null,
  } = {},
): Promise<Executed> {
  let asked: RunOptions | null = null
  let timeMs = 0
  const exitCode = await execute(argv, {
    ...{ stdout, stderr, env, signals, programsFolder },
    passedOn: [],
    version: '1.2.3',
    now: now ?? (() => timeMs),
    startAhead: async () => null,
    runMachine: (options) => {
      asked = options
      const onNews = (news: RunNews): void => {
        if ('atMs' in news) timeMs = news.atMs
        options.onNews(news)
      }
      return runMachine({ ...options, onNews })
    },
  })
  return { exitCode, stdout: stdout.text, stderr: stderr.text, asked }
}
