import type { Rank } from '../../../base/index.ts'
import type { ConductorEffect, OutputMark, Place } from '../../../protocol/index.ts'
import type { ProcessOnHost } from '../../run.ts'
import type { UncoveredHosts } from './coverage-teller.ts'

type Effect<Type extends ConductorEffect['type']> = Extract<ConductorEffect, { type: Type }>

/** A processor and its process of the operating system. */
export interface NamedProcessor extends ProcessOnHost {
  /** What people call it. */
  readonly name: string
}

/** The loss of all that was on a host. `host`: null if nobody knows its name. */
export interface HostLoss {
  readonly host: string | null
  readonly places: readonly Place[]
  readonly spares: number
  readonly why: string
}

/** Who watches a machine: hears what happens to it and what was decided. Nothing comes back, so it may live elsewhere. */
export interface MachineWatcher {
  /** The program begins to compute. */
  began(processors: readonly NamedProcessor[]): void
  lost(place: Place, process: ProcessOnHost, why: string): void
  /** The place is given to this processor. */
  assigned(place: Place, process: ProcessOnHost): void
  spareLost(process: ProcessOnHost): void
  /** All of a host is lost at once. `places`: that its processors held; `spares`: how many of them held none. */
  hostLost(loss: HostLoss): void
  /** A processor that was replaced while it was silent came back and is told to end. */
  fenced(process: ProcessOnHost): void
  /** A step threw, and everybody goes back. */
  stepFailed(rank: Rank, error: string): void
  /** `lossMs`: when the first of the lost was hit, if that is known. */
  recoveryBegan(effect: Effect<'recoveryBegan'>, lossMs: number | null): void
  /** These places are not whole; a code covers so many further losses meanwhile. */
  coverage(missing: readonly Place[], furtherLosses: number, hasDisk: boolean): void
  /** All is whole, and the loss of one of these hosts, with these places, would not be covered; of any other it is. */
  hostCoverage(uncovered: UncoveredHosts, hasDisk: boolean): void
  lineFound(effect: Effect<'lineFound'>, rollback: boolean): void
  /** Everybody is restored. */
  restored(): void
  /** Released; each comes once. */
  output(effect: Effect<'output'>): void
  /** Everybody went back to the disk: what was released behind these marks, one for each rank, counts no more. */
  tookBack(outputs: readonly OutputMark[]): void
}
