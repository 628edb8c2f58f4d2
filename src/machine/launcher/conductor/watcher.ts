import type { Rank } from '../../../base/index.ts'
import type { ConductorEffect, ConductorEvent, Place } from '../../../protocol/index.ts'

type Effect<Type extends ConductorEffect['type']> = Extract<ConductorEffect, { type: Type }>

/** A processor and its process of the operating system. */
export interface NamedProcessor {
  /** What people call it. */
  readonly name: string
  readonly pid: number
}

/** Who watches a conductor: hears what happens to it and what it decides. Nothing comes back, so it may live elsewhere. */
export interface ConductorWatcher {
  /** What goes into the state machine, and what comes out, before it is carried out. */
  event(event: ConductorEvent, epoch: number): void
  effect(effect: ConductorEffect, epoch: number): void
  /** The program begins to compute. */
  began(processors: readonly NamedProcessor[]): void
  lost(place: Place, pid: number, why: string): void
  /** The place is given to this processor. */
  assigned(place: Place, pid: number): void
  spareLost(pid: number): void
  /** A processor that was replaced while it was silent came back and is told to end. */
  fenced(pid: number): void
  /** A step threw, and everybody goes back. */
  stepFailed(rank: Rank, error: string): void
  /** `lossMs`: when the first of the lost was hit, if that is known. */
  recoveryBegan(effect: Effect<'recoveryBegan'>, lossMs: number | null): void
  /** These places are not whole; a code covers so many further losses meanwhile. */
  coverage(missing: readonly Place[], furtherLosses: number, hasDisk: boolean): void
  lineFound(effect: Effect<'lineFound'>, rollback: boolean): void
  /** Everybody is restored. */
  restored(): void
  output(effect: Effect<'output'>): void
}
