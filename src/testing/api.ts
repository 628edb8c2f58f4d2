/**
 * `paritas/testing`: runs programs inside of tests, of vitest, node:test or whatever else. A program is named by its module
 * and not given as an object: each of its processes imports the module for itself.
 */
import { fileURLToPath } from 'node:url'
import { UsageError } from '../base/index.ts'
import {
  defaultSettings,
  type Fault,
  type FaultTime,
  type LoadedProgram,
  loadProgram,
  ProgramError,
  type Recovery,
  runMachine,
  withRunFolder,
} from '../machine/index.ts'
import { type AnySizes, parseSizes, type TypedArray } from '../program/index.ts'
import { applicationPlace, backupPlace, checkpointPlace } from '../protocol/index.ts'
import { type Compare, verifyTrial } from './agreement.ts'
import { Campaign, type Summary } from './campaign.ts'
import { checkOptions } from './check-options.ts'
import { findingLines } from './finding.ts'

export type { Compare, Recovery }

/** What both functions take. */
export interface ProgramOptions {
  /** Application processors, one process each; 4 if left out. */
  readonly processes?: number
  /** Losses at the same time to survive; 1 if left out. */
  readonly tolerate?: number
  /** Sizes of the program by name, as `--size name=value`. */
  readonly sizes?: Readonly<Record<string, number | string>>
  /** What the program's `input` would make of a file: process 0 has it as `self.input`. */
  readonly input?: TypedArray
  /** Of all that is random: whom `random` hits, or what `testProgram` does to which run. */
  readonly seed?: number
  /** Ends what runs when it is aborted. */
  readonly signal?: AbortSignal
}

/** Whom to end with SIGKILL: a process by its number, or another processor. */
export interface Kill {
  readonly who: number | 'checkpoint' | 'backup' | 'random'
  /** Once: at a commit (from 1 on), at a share (0 to 1) of the progress, or so long after the start; or again and again. */
  readonly at:
    | { readonly commit: number }
    | { readonly share: number }
    | { readonly ms: number }
    | { readonly everyMs: number }
}

export interface RunInTestOptions extends ProgramOptions {
  readonly kill?: readonly Kill[]
  /** Longest time between two checkpoints; short, so that short programs have some. 20 if left out. */
  readonly timeoutMs?: number
}

/** What came of a run. */
export interface RanInTest {
  /** What each process gave to `self.done`, by rank. */
  readonly results: readonly unknown[]
  /** Everything that was emitted, process 0's values first. */
  readonly emitted: readonly unknown[]
  readonly recoveries: readonly Recovery[]
  readonly checkpoints: number
  /** Whether the program's `verify` accepts it; null where it has none. */
  readonly verified: boolean | null
  /** What `verify` says is wrong; null for nothing. */
  readonly problem: string | null
}

/**
 * Runs a program once, on a machine of processes, and resolves when nothing of that is left. Throws what `paritas run`
 * would tell: a `UsageError` for wrong options, a `ProgramError` if the program fails.
 */
export async function runInTest(program: string | URL, options: RunInTestOptions = {}): Promise<RanInTest> {
  checkOptions('runInTest', program, options)
  const { kill = [], timeoutMs = 20, processes = 4, tolerate = 1, seed = 1 } = options
  return withProgram(program, options, async (loaded, sizes, folder) => {
    const outcome = await runMachine({
      program: loaded,
      machine: {
        ...defaultSettings,
        ...{ processes, timeoutMs, spares: tolerate, protection: { code: 'reed-solomon', tolerate } },
      },
      ...{ sizes, seed, input: options.input ?? null, tracePath: null, runFolder: folder },
      faults: kill.map((one) => faultOf(one, processes)),
      signal: options.signal ?? new AbortController().signal,
      onNews() {},
    })
    const { results, emitted, recoveries, checkpoints } = outcome
    const finished = { size: sizes, processes, input: options.input ?? null, results, emitted }
    const problem = await verifyTrial(loaded.program, { finished })
    const verified = loaded.program.verify === undefined ? null : problem === null
    return { results, emitted, recoveries, checkpoints: checkpoints.committed, verified, problem }
  })
}

export interface TestProgramOptions extends ProgramOptions {
  /** Runs with losses; 8 if left out. */
  readonly runs?: number
  /** Says what is wrong with a run beside the first; without it they must give the same, or `verify` accepts it. */
  readonly compare?: Compare
}

/**
 * Does what `paritas test` does. Throws a `ProgramError` with all that is known of the first run that differs, and a
 * `UsageError` where no loss took anybody back to a checkpoint, so that nothing was tested.
 */
export async function testProgram(program: string | URL, options: TestProgramOptions = {}): Promise<Summary> {
  checkOptions('testProgram', program, options)
  const { runs = 8, processes = 4, tolerate = 1, seed = 1, input = null, compare = null } = options
  const signal = options.signal ?? new AbortController().signal
  return withProgram(program, options, async (loaded, sizes, folder) => {
    const bench = { program: loaded, ...{ processes, tolerate, sizes, input, seed, folder, signal, runMachine } }
    const numbers = Array.from({ length: runs }, (_, index) => index + 1)
    const summary = await new Campaign({ bench, runs: numbers, compare, onNews() {} }).run()
    if (summary.finding === null) return summary
    const { plan } = summary.finding
    const lines = findingLines(summary.finding, [plan.title])
    throw new ProgramError(`program '${loaded.program.name}': ${lines.join('\n  ')}`, '')
  })
}

async function withProgram<Value>(
  program: string | URL,
  { sizes = {} }: ProgramOptions,
  action: (loaded: LoadedProgram, sizes: AnySizes, folder: string) => Promise<Value>,
): Promise<Value> {
  return withRunFolder(async (folder) => {
    const path = program instanceof URL ? fileURLToPath(program) : program
    const loaded = await loadProgram(path, { programsFolder, cacheFolder: folder })
    const settings = Object.entries(sizes).map(([name, value]) => `${name}=${value}`)
    try {
      return await action(loaded, parseSizes(loaded.program, settings), folder)
    } catch (error) {
      // Test runners show the message alone.
      if (!(error instanceof ProgramError) || error.detail === '') throw error
      throw new ProgramError(`${error.message}\n${error.detail}`, '')
    }
  })
}

const programsFolder = fileURLToPath(new URL('../../programs', import.meta.url))

function faultOf({ who, at }: Kill, processes: number): Fault {
  if (typeof who === 'number' && !(Number.isInteger(who) && who >= 0 && who < processes)) {
    throw new UsageError(`kill: there is no process ${who}: processes are 0 to ${processes - 1}`)
  }
  return { kind: 'kill', who: targetOf(who), when: timeOf(at) }
}

function targetOf(who: Kill['who']): Fault['who'] {
  if (typeof who === 'number') return applicationPlace(who)
  if (who === 'random') return who
  return who === 'checkpoint' ? checkpointPlace(0) : backupPlace(0)
}

function timeOf(at: Kill['at']): FaultTime {
  if ('commit' in at) return { kind: 'commit', checkpoint: at.commit }
  if ('share' in at) return { kind: 'progress', share: at.share }
  return 'ms' in at ? { kind: 'time', ms: at.ms } : { kind: 'every', ms: at.everyMs }
}
