import {
  defaultSettings,
  type Fault,
  InterruptedError,
  type LoadedProgram,
  type MachineSettings,
  ProgramError,
  type RunNews,
  type RunOptions,
  type RunOutcome,
  UncoveredLossError,
} from '../machine/index.ts'
import type { AnySizes, FinishedRun, TypedArray } from '../program/index.ts'
import { observedProgram, type ProcessRecord, processRecords } from './observed-program.ts'
import type { FaultPlan } from './plan.ts'

/** What all runs of a test have in common. */
export interface Bench {
  readonly program: LoadedProgram
  readonly processes: number
  readonly tolerate: number
  readonly sizes: AnySizes
  readonly input: TypedArray | null
  readonly seed: number
  /** Of the test alone, with a short path. */
  readonly folder: string
  readonly signal: AbortSignal
  runMachine(options: RunOptions): Promise<RunOutcome>
}

/** One finished run. */
export interface Trial {
  readonly processes: readonly ProcessRecord[]
  /** As `verify` is given it. */
  readonly finished: FinishedRun
  /** From the first step to the last, of the process that took longest. */
  readonly spanMs: number
  /** The same on a computer that has nothing else to do, without waiting for others. */
  readonly workMs: number
  /** Of all processes. */
  readonly steps: number
  readonly commits: number
  /** Faults that came about. */
  readonly faults: number
  /** Recoveries that took the processes back to a checkpoint. */
  readonly rollbacks: number
}

/** What came of a run: it may also end with the program's failure, or with more losses than are covered. */
export type TrialEnd = Trial | ProgramError | UncoveredLossError

/** How a run is made. */
interface Manner {
  readonly timeoutMs: number
  /** The run is ended after so long; never if left out. */
  readonly longestMs?: number | null
  readonly isJournal?: boolean
}

let modules = 0

/** Makes one run. Whatever is neither the program's doing nor that of the losses is thrown. */
export async function runTrial(
  bench: Bench,
  { faults, pausesMs }: Pick<FaultPlan, 'faults' | 'pausesMs'>,
  { timeoutMs, longestMs = null, isJournal = false }: Manner,
): Promise<TrialEnd> {
  modules += 1
  const struck: RunNews[] = []
  const { program, sizes, input, seed, folder } = bench
  const isOver = longestMs === null ? [] : [AbortSignal.timeout(longestMs)]
  const signal = AbortSignal.any([bench.signal, ...isOver])
  try {
    const outcome = await bench.runMachine({
      program: observedProgram(program, { pausesMs, isJournal }, folder, `observed-${modules}`),
      machine: machineFor(bench, faults, timeoutMs),
      ...{ sizes, input, seed, signal, faults, tracePath: null, runFolder: folder },
      onNews: (news) => {
        if (news.type === 'fault' && news.kind !== 'thaw') struck.push(news)
      },
    })
    return trialOf(bench, outcome, struck.length)
  } catch (error) {
    if (error instanceof InterruptedError && !bench.signal.aborted) {
      return new ProgramError(`it has not ended after ${Math.round(longestMs! / 1000)} s`, '')
    }
    if (error instanceof ProgramError || error instanceof UncoveredLossError) return error
    throw error
  }
}

function machineFor({ processes, tolerate }: Bench, faults: readonly Fault[], timeoutMs: number): MachineSettings {
  const spares = faults.length === 0 ? 0 : tolerate
  return { ...defaultSettings, ...{ processes, spares, timeoutMs, protection: { code: 'reed-solomon', tolerate } } }
}

function trialOf({ sizes, processes, input }: Bench, outcome: RunOutcome, faults: number): Trial {
  const records = processRecords(outcome)
  const last = records.map(({ steps }) => steps.at(-1)!.seen)
  const emitted = records.flatMap((record) => record.emitted)
  return {
    processes: records,
    finished: { size: sizes, processes, input, results: outcome.results, emitted },
    spanMs: Math.max(...last.map(({ spanMs }) => spanMs)),
    workMs: Math.max(...last.map(({ workMs }) => workMs)),
    steps: last.reduce((sum, { steps }) => sum + steps, 0),
    ...{ commits: outcome.checkpoints.committed, faults },
    rollbacks: outcome.recoveries.filter(({ rollback, lost }) => rollback && lost.length > 0).length,
  }
}
