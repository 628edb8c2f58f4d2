import { type ResumeTime, type SchemeName, schemes, type WantedTracker } from '../machine/index.ts'

/** Those of the paper, in its order. */
export const applicationNames = ['merge-sort', 'matrix-multiplication', 'shortest-paths'] as const
export type ApplicationName = (typeof applicationNames)[number]

/** What runs are for, beside the warm-up: see `RunPurpose`. */
export const partNames = ['overhead', 'recovery', 'timeout', 'changed', 'diagram'] as const
export type PartName = (typeof partNames)[number]

/** What is evaluated, and how. Two evaluations with the same setting make the same runs. */
export interface EvaluationSetting {
  readonly applications: readonly ApplicationName[]
  readonly schemes: readonly SchemeName[]
  /** What runs are made for. */
  readonly parts: readonly PartName[]
  /** When programs go on that a synchronous scheme has frozen. */
  readonly resume: ResumeTime
  readonly processes: number
  /** Losses at the same time that are covered, where the scheme has a choice. */
  readonly tolerate: number
  readonly tracker: WantedTracker
  /** Processor time that each processor has for itself, in cores; null where all share what there is. */
  readonly coresEach: number | null
  /** The pace: every scheme takes a checkpoint so long after the one before. */
  readonly intervalMs: number
  /** Runs without faults of each application under each scheme. */
  readonly rounds: number
  /** Runs with one process killed in each. */
  readonly recoveryRounds: number
  /** Runs of the timeout experiment, with and without. */
  readonly timeoutRounds: number
  /** Shares of the pages that change from checkpoint to checkpoint, in percent. */
  readonly changedPercents: readonly number[]
  /** Of input data, and of who is killed and when. */
  readonly seed: number
  readonly size: SizeName
}

/** Whether the scheme freezes programs for a checkpoint. */
export const freezes = (scheme: SchemeName): boolean => schemes[scheme].coordination === 'synchronous'

/** How large inputs are: `tiny` for tests. */
export type SizeName = 'full' | 'quick' | 'tiny'
