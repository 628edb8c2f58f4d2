import { join } from 'node:path'
import {
  type Fault,
  type LoadedProgram,
  loadProgram,
  type Protection,
  type RunOptions,
  type RunOutcome,
  type WantedTracker,
} from '../machine/index.ts'
import { parseSizes } from '../program/index.ts'

/** The machine on which checkpoints are measured. */
export interface MeasuredSetting {
  readonly processes: number
  /** Of each process; whole pages. */
  readonly memoryBytes: number
  /** Losses at the same time that are covered. */
  readonly tolerate: number
  readonly tracker: WantedTracker
  /** Share of the time that processes compute, in percent. */
  readonly loadPercent: number
}

/** What runs are made with. */
export interface MeasureBench {
  readonly program: LoadedProgram
  /** A folder of this measurement alone, with a short path. */
  readonly folder: string
  runMachine(options: RunOptions): Promise<RunOutcome>
}

/** The program `scattered-writes`, which is among those that ship. Takes a folder for its bundle and for sockets. */
export function loadWorkload(programsFolder: string, folder: string): Promise<LoadedProgram> {
  return loadProgram(join(programsFolder, 'measure', 'scattered-writes.ts'), { programsFolder, cacheFolder: folder })
}

export const pageSizeBytes = 4096

/** One run of the workload. */
export interface WorkloadRun {
  readonly changedPercent: number
  /** Time between two checkpoints, in which the share is changed. */
  readonly intervalMs: number
  readonly steps: number
  readonly warmUpSteps: number
  readonly isProtected: boolean
  readonly spares: number
  readonly faults: readonly Fault[]
  readonly signal: AbortSignal
}

/** Far beyond what a run changes between two checkpoints: only the time calls for them. */
const bufferBytes = 2 ** 40

/** What `runMachine` is to do, with nobody who listens. */
export function runOptions({ program, folder }: MeasureBench, setting: MeasuredSetting, run: WorkloadRun): RunOptions {
  const { processes, memoryBytes, tolerate, tracker, loadPercent: load } = setting
  const { changedPercent, intervalMs, steps, warmUpSteps, isProtected, spares, faults, signal } = run
  const sizes = { pages: memoryBytes / pageSizeBytes, changed: changedPercent, load, intervalMs, steps, warmUpSteps }
  const settings = Object.entries(sizes).map(([name, value]) => `${name}=${value}`)
  const protection: Protection | null = isProtected ? { code: 'reed-solomon', tolerate } : null
  return {
    ...{ program, faults, signal },
    machine: {
      ...{ processes, spares, protection, coordination: 'independent', tracker, timeoutMs: intervalMs, bufferBytes },
    },
    sizes: parseSizes(program.program, settings),
    input: null,
    seed: 1,
    tracePath: null,
    runFolder: folder,
    onNews() {},
  }
}
