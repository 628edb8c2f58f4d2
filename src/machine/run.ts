import type { Rank } from '../base/index.ts'
import type { AnySizes, TypedArray } from '../program/index.ts'
import type { Place } from '../protocol/index.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import type { ProcessorsAhead } from './launcher/crew/processors-ahead.ts'
import type { LoadedProgram } from './program/load-program.ts'
import type { MachineSettings } from './settings.ts'
import type { ProcessorShares } from './shares/processor-shares.ts'

/** Whom a fault hits: the holder of a place, a spare, whoever conducts, or any member that the seed picks. */
export type FaultTarget = Place | 'spare' | 'random'

/**
 * When: since the program began to compute, at a share (0 to 1) of its progress, at a commit; or again and again, so long
 * after each other. That waits until the machine is whole and has committed since the time before: the run comes on.
 */
export type FaultTime =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'commit'; readonly checkpoint: number }
  | { readonly kind: 'every'; readonly ms: number }

/** SIGKILL, or SIGSTOP and after `thawAfterMs` SIGCONT (never if null). */
export type Fault = { readonly who: FaultTarget; readonly when: FaultTime } & (
  | { readonly kind: 'kill' }
  | { readonly kind: 'freeze'; readonly thawAfterMs: number | null }
)

/** What a checkpoint costs one process, as it becomes known. Times are of a clock that all processes of a machine share. */
export type CheckpointFigure =
  | {
      readonly type: 'captured'
      readonly checkpoint: number
      readonly atMs: number
      /** How long the program could not take its next step; null where all are frozen and `thawed` tells it. */
      readonly blockedMs: number | null
      /** Processor time of the whole process in the capture. */
      readonly cpuMs: number
      /** Messages that cross the checkpoint, which its log holds, and the bytes of their payloads. */
      readonly loggedMessages: number
      readonly loggedBytes: number
      /** What the processor holds for checkpoints beside the program's own memory, right after the capture. */
      readonly heldBytes: number
    }
  /** The end of a synchronous checkpoint's freeze. `drainMs`: how much of it passed before the capture. */
  | {
      readonly type: 'thawed'
      readonly checkpoint: number
      readonly frozenMs: number
      readonly drainMs: number
      /** Processor time of the whole process in the freeze. */
      readonly cpuMs: number
    }
  | { readonly type: 'shipped'; readonly deltaBytes: number }
  /** The news of the commit came. */
  | { readonly type: 'committed'; readonly checkpoint: number; readonly latencyMs: number | null }

/** A host that processors of a run may be on. */
export interface RunHost {
  readonly name: string
  /** Where its daemon listens. */
  readonly address: string
  readonly port: number
  /** The most processors that it takes; null: any number. */
  readonly processorsMax: number | null
}

export interface RunOptions {
  readonly program: LoadedProgram
  readonly machine: MachineSettings
  /** On which hosts the processors are, and Paritas' own version; on this computer unless it is given. */
  readonly hosts?: { readonly list: readonly RunHost[]; readonly version: string } | null
  /** Where checkpoints are written to disk: some of them, or without protection each; nowhere unless it is given. */
  readonly store?: CheckpointStore | null
  /** Validated values of the program's sizes. */
  readonly sizes: AnySizes
  /** What the program's `input.parse` made of --input; handed to rank 0. */
  readonly input: TypedArray | null
  /**
   * 1, or nothing: the conductor is part of this process. More: each of those that may conduct has a process of its own.
   */
  readonly conductors?: number
  readonly faults: readonly Fault[]
  /** Whoever holds this place listens for a debugger; nobody unless it is given. */
  readonly inspected?: Place | null
  /** Seed of `random` targets. */
  readonly seed: number
  /** File that gets every protocol event as a JSON line; null for none. */
  readonly tracePath: string | null
  /** A folder of this run alone that only the user can enter, with a short path: its sockets lie there. */
  readonly runFolder: string
  /** Each processor gets a share of processor time of its own; nobody is limited unless it is given. */
  readonly shares?: ProcessorShares | null
  /** Its first processors, where they are started already. */
  readonly ahead?: ProcessorsAhead | null
  /** Aborted when the user interrupts: the run ends with an `InterruptedError`. */
  readonly signal: AbortSignal
  onNews(news: RunNews): void
  /** Told of every single checkpoint of every process, for whoever wants more than the spreads of the outcome. */
  readonly onFigure?: (rank: Rank, figure: CheckpointFigure) => void
}

/** A process of the operating system. `host`: where it is; left out where there is only this computer. */
export interface ProcessOnHost {
  readonly pid: number
  readonly host?: string | null
}

/** What happens during a run, for people to watch. Times are milliseconds since the program began to compute. */
export type RunNews =
  | {
      readonly type: 'started'
      readonly processors: readonly ({ readonly name: string } & ProcessOnHost)[]
    }
  | { readonly type: 'progress'; readonly share: number }
  /** Processes that have been in the same step for more than a second: all that there are now, told about once a second. */
  | { readonly type: 'longSteps'; readonly steps: readonly LongStep[]; readonly atMs: number }
  /**
   * A process holds so much output and sent messages that it waits, since nothing can be committed. `missing`: who is not
   * there for that, as people call them; `longStep`: who is in a step, which no checkpoint is taken in.
   */
  | {
      readonly type: 'heldUp'
      readonly rank: Rank
      readonly bytes: number
      readonly missing: readonly string[]
      readonly longStep: LongStep | null
      readonly atMs: number
    }
  /** `deltaBytes` is what all processors have sent so far. */
  | { readonly type: 'commit'; readonly checkpoint: number; readonly deltaBytes: number; readonly atMs: number }
  /** A fault that was asked for is being done now. */
  | ({
      readonly type: 'fault'
      readonly kind: 'kill' | 'freeze' | 'thaw'
      readonly name: string
      readonly atMs: number
    } & ProcessOnHost)
  | ({ readonly type: 'lost'; readonly name: string; readonly why: string; readonly atMs: number } & ProcessOnHost)
  /** It lives, but the computer is so busy that it has not beaten for `silentMs`. */
  | ({
      readonly type: 'slow'
      readonly name: string
      readonly silentMs: number
      readonly atMs: number
    } & ProcessOnHost)
  /** It heard neither the launcher nor another processor for `silentMs`, and its program stood still. */
  | ({
      readonly type: 'alone'
      readonly name: string
      readonly silentMs: number
      readonly atMs: number
    } & ProcessOnHost)
  /** The start takes long: so many processors are ready. */
  | { readonly type: 'starting'; readonly ready: number; readonly wanted: number }
  /** A spare, or a processor that was just started, takes the place of a lost one. */
  | ({ readonly type: 'replaced'; readonly name: string; readonly atMs: number } & ProcessOnHost)
  /** `conducted`: it was the conductor; otherwise it stood by. */
  | {
      readonly type: 'conductorLost'
      readonly pid: number
      readonly why: string
      readonly conducted: boolean
      readonly atMs: number
    }
  | { readonly type: 'tookOver'; readonly takeOver: TakeOver; readonly atMs: number }
  | ({ readonly type: 'spareLost'; readonly atMs: number } & ProcessOnHost)
  /** All processors of a host are lost at once; `spares` of them held no place. `host`: null if its name is not known. */
  | {
      readonly type: 'hostLost'
      readonly host: string | null
      readonly places: readonly Place[]
      readonly spares: number
      readonly why: string
      readonly atMs: number
    }
  /** All is whole on hosts, and which losses of one host are covered has changed: of all but these, with these places. */
  | {
      readonly type: 'hostCoverage'
      readonly hosts: readonly { readonly host: string; readonly places: readonly Place[] }[]
      readonly hasDisk: boolean
      readonly atMs: number
    }
  /** What is covered has changed; not told of recoveries from disk, which outlive any loss. */
  | {
      readonly type: 'coverage'
      /** What people call those whose memory is not whole; empty: all that the code covers is covered again. */
      readonly missing: readonly string[]
      /** So many more losses are covered meanwhile, whichever they are. */
      readonly furtherLosses: number
      /** What is not covered goes back to the disk; otherwise it ends the run. */
      readonly hasDisk: boolean
      readonly atMs: number
    }
  | {
      readonly type: 'line'
      readonly toCheckpoint: number
      readonly atMs: number
      readonly rollback: boolean
      /** The checkpoint is read from the disk. */
      readonly fromDisk: boolean
    }
  /** A checkpoint has become whole on disk. */
  | { readonly type: 'stored'; readonly checkpoint: number; readonly atMs: number }
  | { readonly type: 'resumed'; readonly recovery: Recovery; readonly atMs: number }
  /** A step threw; everybody goes back once, in case it was the machine's fault. */
  | { readonly type: 'failedStep'; readonly rank: number; readonly error: string; readonly atMs: number }
  /** A processor that was replaced while it was silent came back and was told to end. */
  | ({ readonly type: 'fenced'; readonly atMs: number } & ProcessOnHost)
  /**
   * A fault that was asked for and never came, since the run ended first or there was nobody to hit. `hadProgress`: the
   * program has reported some.
   */
  | { readonly type: 'faultMissed'; readonly fault: Fault; readonly hadProgress: boolean }
  /** The program has come to its end. Every processor still lives. */
  | { readonly type: 'ended'; readonly atMs: number }
  /** Something that was asked for does not work any more, though the run goes on. */
  | { readonly type: 'warning'; readonly text: string }
  /**
   * An emitted value has been released: no loss that the scheme covers takes it back. Told once, even where everybody
   * goes back to the disk and it comes again.
   */
  | { readonly type: 'emitted'; readonly rank: number; readonly value: unknown }
  /** What a process has logged, released and told once as emitted values are. */
  | { readonly type: 'log'; readonly rank: number; readonly text: string; readonly atMs: number }

/** `step`: how many steps the process has finished before, `start` among them. `sinceMs`: since the program began. */
export interface LongStep {
  readonly rank: Rank
  readonly step: number
  readonly sinceMs: number
}

/** Median, least and greatest of a set of measurements; all 0 with `count` 0 when there are none. In a very long run the median is that of a sample. */
export interface Spread {
  readonly count: number
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Recovery {
  /** Who was lost, for instance `a2`. */
  readonly lost: readonly Place[]
  readonly toCheckpoint: number
  /** Whether programs went back; false when only check processors were lost. */
  readonly rollback: boolean
  /** More was lost than the code covers: everybody went back to a checkpoint on disk. */
  readonly fromDisk: boolean
  /** From the fault to its detection; null when the loss was not of our making, so that nobody knows when it was. */
  readonly detectMs: number | null
  /** From the detection until every processor is restored. */
  readonly rebuildMs: number
  /** From there until every process computes again. */
  readonly resumeMs: number
  readonly totalMs: number
  /** Computation that is done again: from the capture of the recovery line to the loss, the longest of all ranks. */
  readonly lostWorkMs: number
}

/** Another one has become the conductor, since the one before was lost or not heard. */
export interface TakeOver {
  readonly pid: number
  /** From the fault to its detection; null when the loss was not of our making, so that nobody knows when it was. */
  readonly detectMs: number | null
  /** From the detection until another one conducts. */
  readonly takeOverMs: number
}

export interface RunOutcome {
  /** What each rank passed to `done`. */
  readonly results: readonly unknown[]
  /** Emitted values, rank 0's first, each rank's in the order in which it emitted them. */
  readonly emitted: readonly unknown[]
  /** From the program's begin to its end, starting and stopping of processes left out. */
  readonly elapsedMs: number
  readonly checkpoints: {
    /** The global checkpoint number at the end. */
    readonly committed: number
    /** Time a program was held up, for each capture of a processor. */
    readonly blockedMs: Spread
    /** Of synchronous checkpoints: the whole freeze, which is what held the program up; null where nobody was frozen. */
    readonly frozenMs: Spread | null
    /** How much of each freeze passed until everything in transit had arrived, and the others had frozen too. */
    readonly drainMs: Spread | null
    /** From the request (or forced capture) to the news of the commit, for each checkpoint of a processor. */
    readonly latencyMs: Spread
    readonly deltaBytes: number
    /** Null where none are written to disk. */
    readonly disk: DiskUse | null
  }
  /** What the log in a checkpoint holds, for each capture of a processor. */
  readonly log: { readonly messages: Spread; readonly bytes: Spread }
  readonly memory: MemoryUse
  readonly recoveries: readonly Recovery[]
  readonly takeOvers: readonly TakeOver[]
}

/** What a run has written to disk. */
export interface DiskUse {
  /** The newest whole checkpoint; null if there is none. */
  readonly newest: number | null
  /** Bytes of all files of processes. */
  readonly bytes: number
  /** From the first byte of a checkpoint's files until it is whole; one for each. */
  readonly writeMs: Spread
}

/** Bytes of all processors together; of those that protect, the most that was told of each at any checkpoint. */
export interface MemoryUse {
  /** The program's own. */
  readonly programBytes: number
  /** Held beside it by application processors: copies of pages, the message log, vars, pages on their way. */
  readonly applicationBytes: number
  readonly checkpointBytes: number
  readonly backupBytes: number
  /** Touched by spares for processes that they may have to go on with. */
  readonly spareBytes: number
  /** All that processes have touched, what Node takes included, at the end of the run; null where that is not known. */
  readonly processBytes: ProcessBytes | null
}

/** Bytes of all processes of a role together. */
export interface ProcessBytes {
  readonly application: number
  readonly checkpoint: number
  readonly backup: number
  readonly spare: number
  /** Those that have a process of their own. */
  readonly conductor: number
  readonly launcher: number
}

/** The user interrupted the run. */
export class InterruptedError extends Error {
  override name = 'InterruptedError'
}

/** The program itself is at fault; `message` is one line, `detail` its own stack or more. */
export class ProgramError extends Error {
  override name = 'ProgramError'
  readonly detail: string
  constructor(message: string, detail: string) {
    super(message)
    this.detail = detail
  }
}

/** A loss that no code covers; `message` says who was lost, when, and what would have covered it. */
export class UncoveredLossError extends Error {
  override name = 'UncoveredLossError'
}
