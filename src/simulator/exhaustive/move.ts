/** What can happen in a world that is explored. */
import type { Violation } from '../oracle/oracle.ts'

/** A row of numbers: see `state-space.ts`. */
export type PackedState = Int32Array

/** What can happen next by itself. */
export type ProgressMove =
  | { readonly type: 'deliver'; readonly from: number; readonly to: number }
  | { readonly type: 'own'; readonly processor: number; readonly event: number }

/** What can happen next. A timeout is an own event, too, but no progress. */
export type StateMove =
  | ProgressMove
  /** `surviving`: how many packets of each link that the processor sends on, by receiving end. */
  | { readonly type: 'crash'; readonly processor: number; readonly surviving: readonly number[] }
  /** The conductor takes it for silent; or hears of it, though it had been taken for silent. */
  | { readonly type: 'suspect' | 'hear'; readonly processor: number }
  /** The machine ends, and starts on what is whole on disk then: the `outcome`-th of all disks that this may leave. */
  | { readonly type: 'cutPower'; readonly outcome: number }

/** The number of a link, or of one kind of a processor's own events. */
export type TaskNumber = number

/** How many have struck. */
export interface FaultTally {
  readonly crashes: number
  readonly timeouts: number
  readonly suspicions: number
  readonly powerCuts: number
}

/** Told of a move: `after` is the state that it leads to, and is overwritten by the next. */
export type Visit = (move: StateMove, after: PackedState, violation: Violation | null) => void
