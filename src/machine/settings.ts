import { type Check, count, number, objectOf, oneOf, orNull } from '../base/index.ts'
import type { TrackerName } from '../memory/native/index.ts'
import { type Coordination, coordinations } from '../protocol/index.ts'
import { type Protection, protectionCheck } from './protection.ts'

/** How changed pages are found: `auto` takes the best way that this machine has. */
export type WantedTracker = TrackerName | 'auto'

export const wantedTrackers = ['auto', 'shadow', 'lean', 'compare'] as const satisfies readonly WantedTracker[]

/**
 * What a machine is made of, and how it keeps checkpoints. This one object goes the whole way: from the options of the
 * command to every processor, and into checkpoints on disk, for whoever goes on with the run.
 */
export interface MachineSettings {
  readonly processes: number
  readonly spares: number
  /** Null under the schemes `none`, and `disk`, where files keep the checkpoints instead. */
  readonly protection: Protection | null
  /**
   * How processors come to take the same checkpoint; without meaning where none are taken. Synchronous with files
   * alone.
   */
  readonly coordination: Coordination
  /** What this machine does not have is replaced. */
  readonly tracker: WantedTracker
  /** Longest time that a processor computes between two checkpoints; null: there is none. */
  readonly timeoutMs: number | null
  /** Changed pages and logged messages of one processor that make it ask for a checkpoint before the timeout. */
  readonly bufferBytes: number
}

/** What is taken where nothing is said. */
export const defaultSettings: MachineSettings = {
  processes: 4,
  spares: 1,
  protection: { code: 'reed-solomon', tolerate: 1 },
  coordination: 'independent',
  tracker: 'auto',
  timeoutMs: 500,
  bufferBytes: 64 * 2 ** 20,
}

/** Checks settings that come off a link or out of a checkpoint. */
export const machineSettings: Check = objectOf<MachineSettings>({
  processes: count,
  spares: count,
  protection: orNull(protectionCheck),
  coordination: oneOf(coordinations),
  tracker: oneOf(wantedTrackers),
  timeoutMs: orNull(number),
  bufferBytes: count,
})
