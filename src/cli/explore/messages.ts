import type { MinimalFailure, MixOptions, RandomRunOptions, Violation } from '../../simulator/index.ts'

/** To a worker of an exploration. */
export type ToExplorer =
  | { readonly type: 'run'; readonly from: number; readonly count: number; readonly mix: MixOptions }
  | { readonly type: 'minimize'; readonly seed: number; readonly mix: RandomRunOptions }

/** The outcome of some seeds. */
export interface Tally {
  readonly seeds: number
  readonly actions: number
  /** Events that state machines of the protocol have handled. */
  readonly events: number
  readonly commits: number
  readonly recoveries: number
  /** How often another one conducted from then on. */
  readonly takeOvers: number
  /** Checkpoints that became whole on disk. */
  readonly stored: number
  /** Recoveries, and starts, that took everybody to one of those. */
  readonly fromDisk: number
}

export interface FailedSeed {
  readonly seed: number
  readonly violation: Violation
}

/** From a worker: answers, in the order of what was asked. */
export type FromExplorer =
  /** A failure ends the batch. */
  | { readonly type: 'ran'; readonly tally: Tally; readonly failure: FailedSeed | null }
  | { readonly type: 'minimized'; readonly minimal: MinimalFailure | null }

export const noTally: Tally = {
  seeds: 0,
  actions: 0,
  events: 0,
  commits: 0,
  recoveries: 0,
  takeOvers: 0,
  stored: 0,
  fromDisk: 0,
}

export function addTally(left: Tally, right: Tally): Tally {
  return {
    seeds: left.seeds + right.seeds,
    actions: left.actions + right.actions,
    events: left.events + right.events,
    commits: left.commits + right.commits,
    recoveries: left.recoveries + right.recoveries,
    takeOvers: left.takeOvers + right.takeOvers,
    stored: left.stored + right.stored,
    fromDisk: left.fromDisk + right.fromDisk,
  }
}
