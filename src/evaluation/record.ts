import type { CheckpointFigure, MemoryUse, Recovery, SchemeName } from '../machine/index.ts'
import type { PlannedKill, PlannedRun, RunPurpose } from './plan.ts'
import type { ProcessorTimes } from './processor-times.ts'

/** What one run gave: the raw figures. Plain JSON; times in milliseconds. */
export interface RunRecord {
  readonly key: string
  readonly part: RunPurpose
  readonly program: string
  readonly sizes: readonly string[]
  readonly scheme: SchemeName
  readonly round: number
  readonly kill: PlannedKill | null
  readonly timeoutMs: number | null
  readonly changedPercent: number | null
  /** When it began, by the calendar. */
  readonly beganAt: string
  /** Everything, the starting of processes and the look at the result too. */
  readonly wallMs: number
  /** Of the program alone. */
  readonly elapsedMs: number
  readonly committed: number
  /** For each capture of a processor, in the order in which they became known. */
  readonly captures: readonly Capture[]
  /** For each time that a checkpoint held a program up. */
  readonly holdUps: readonly HoldUp[]
  /** For each checkpoint of a processor: from the request, or the capture if it was told to, to the news of the commit. */
  readonly latencyMs: readonly number[]
  /** Sent by all processors together. */
  readonly deltaBytes: number
  readonly memory: MemoryUse
  readonly recoveries: readonly Recovery[]
  /** Null in runs with a kill, and where the system does not tell. */
  readonly processorTimes: ProcessorTimes | null
}

export interface Capture {
  readonly rank: number
  readonly checkpoint: number
  readonly loggedMessages: number
  readonly loggedBytes: number
}

export interface HoldUp {
  readonly rank: number
  readonly checkpoint: number
  readonly ms: number
  /** How much of a freeze passed until nothing was in transit; null where nobody is frozen. */
  readonly drainMs: number | null
  /** Processor time of the whole process in it. */
  readonly cpuMs: number
}

/** Gathers what processors tell of their checkpoints. */
export class FigureLog {
  readonly #captures: Capture[] = []
  readonly #holdUps: HoldUp[] = []
  readonly #latencyMs: number[] = []

  get figures(): Pick<RunRecord, 'captures' | 'holdUps' | 'latencyMs'> {
    return { captures: this.#captures, holdUps: this.#holdUps, latencyMs: this.#latencyMs }
  }

  note(rank: number, figure: CheckpointFigure): void {
    switch (figure.type) {
      case 'captured': {
        const { checkpoint, blockedMs, cpuMs, loggedMessages, loggedBytes } = figure
        this.#captures.push({ rank, checkpoint, loggedMessages, loggedBytes })
        if (blockedMs === null) return
        this.#holdUps.push({ rank, checkpoint, ms: short(blockedMs), drainMs: null, cpuMs: short(cpuMs) })
        return
      }
      case 'thawed': {
        const { checkpoint, frozenMs, drainMs, cpuMs } = figure
        this.#holdUps.push({ rank, checkpoint, ms: short(frozenMs), drainMs: short(drainMs), cpuMs: short(cpuMs) })
        return
      }
      case 'committed':
        if (figure.latencyMs !== null) this.#latencyMs.push(short(figure.latencyMs))
        return
      default:
    }
  }
}

/** To whole microseconds: more digits are noise. */
export function short(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** What a record repeats of its plan. */
export function planned({ workload, ...run }: PlannedRun): Omit<PlannedRun, 'workload'> & Workloaded {
  return { ...run, program: workload.program, sizes: workload.sizes }
}

type Workloaded = Pick<RunRecord, 'program' | 'sizes'>
