import type { Ending } from '../../carrier/index.ts'
import type { ErasureCode, KernelModule } from '../../parity/index.ts'
import type { CandidateEffect, CandidateEvent, ConductorEffect, ConductorEvent, Rules } from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { StorageSetting } from '../disk/manifests.ts'
import type { HostEffect, HostEvent } from './host.ts'
import type { ChannelChance } from './lossy-channel.ts'
import type { SimulatedProgram } from './process.ts'

export interface WorldOptions {
  readonly processes: number
  readonly spares: number
  /** A new spare is started for each processor that is lost. */
  readonly respawns?: boolean
  /** Plain parity unless said otherwise; null under the schemes `none` and `disk`. */
  readonly code?: ErasureCode | null
  /** When checkpoints are written to disk; null, or left out: never. */
  readonly storage?: StorageSetting | null
  readonly rules?: Rules
  /** So many may conduct, and each may be lost; left out: one, that never is. */
  readonly candidates?: number
  /** So many hosts, with processors on each; left out: one computer. */
  readonly hosts?: number
  /** O3: of what they have released and nobody has fetched; left out: there is no bound. */
  readonly unfetchedBytesMax?: number
  /** A protocol that is broken on purpose. */
  readonly canary?: Canary | undefined
  readonly logBytesMax?: number
  /** What channels between processors do to frames; null, or left out: nothing. */
  readonly channels?: ChannelChance | null
  readonly pageSizeBytes?: number
  /** Makes the memories; the portable kernels unless said otherwise. */
  readonly kernels?: KernelModule
  readonly program: SimulatedProgram
  /** What is sent or put out under the same tag has the same id, so that a repetition is known as such. */
  readonly repeatsIds?: boolean
  /** A number from 0 to `count - 1`: the chance that programs take. */
  readonly choose: (count: number) => number
  /** Told of every event, by name of the processor, before its effects are carried out. */
  readonly observe?: (who: string, event: WorldEvent, effects: readonly WorldEffect[]) => void
}

export type WorldEvent = HostEvent | ConductorEvent | CandidateEvent
export type WorldEffect = HostEffect | ConductorEffect | CandidateEffect

/** Where nothing else keeps checkpoints, a run ends too when the disk fails. */
export type RunEnding = Ending | Extract<ConductorEffect, { type: 'notStored' }>
