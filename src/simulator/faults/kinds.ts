/** The kinds of faults that random runs have. */

/** How many of each fault a run has at most. */
export interface FaultCounts {
  /** Losses of processors, half of them between two effects of one event. */
  readonly losses: number
  /** Losses of several processors at the very same moment, as many as the code covers. */
  readonly jointLosses: number
  /** Losses of processors that are just being filled from the others. */
  readonly fillings: number
  readonly freezes: number
  /** Freezes that no code would cover: they must be waited for. */
  readonly stalls: number
  /** Processors believed dead that go on working. */
  readonly suspicions: number
  /** Connections that break, with what was in flight: the machine gives up the processor at the end. */
  readonly breaks: number
  /** Some processors and the rest hear nothing of each other for a while, in one direction or in both. */
  readonly partitions: number
  /** Timeouts that all pass at once, early; and several processors are taken for silent. */
  readonly clockJumps: number
  readonly duplicates: number
  /** Frames of an older epoch that come again. */
  readonly lateFrames: number
  readonly fullBuffers: number
  readonly stepFailures: number
  /** Losses at the same time that no code covers: the run must end with the error that says so. */
  readonly excesses: number
  /** Something that is to be written finds no room. */
  readonly fullDisks: number
  /** A file of the newest checkpoint cannot be read any more, while there is an older one. */
  readonly damagedFiles: number
  /** The whole machine ends, and starts anew on what is on its disk. */
  readonly powerCuts: number
  /** Losses of those who may conduct, half of them between two effects of one event. */
  readonly conductorLosses: number
  readonly conductorFreezes: number
  /** One of them and the rest hear nothing of each other for a while, in one direction or in both. */
  readonly conductorCuts: number
  /** A conductor is believed lost and goes on; or an answer of the store is. */
  readonly conductorDoubts: number
  /** Whoever fetches what is released leaves for a while. */
  readonly watcherLeaves: number
  /** All processors of a host are lost at the very same moment; the host comes back. */
  readonly hostLosses: number
  /** All of a host stands still for a while, whether its loss is covered or not. */
  readonly hostFreezes: number
}

export type FaultKind = keyof FaultCounts

/** What befalls only those who have a disk. */
export const diskFaultKinds = ['fullDisks', 'damagedFiles', 'powerCuts'] as const satisfies readonly FaultKind[]

/** What befalls only those machines in which several may conduct. */
export const conductorFaultKinds = [
  'conductorLosses',
  'conductorFreezes',
  'conductorCuts',
  'conductorDoubts',
  'watcherLeaves',
] as const satisfies readonly FaultKind[]

/** What befalls only those machines that are on hosts. */
export const hostFaultKinds = ['hostLosses', 'hostFreezes'] as const satisfies readonly FaultKind[]

export type ConductorFaultKind = (typeof conductorFaultKinds)[number]

export const faultKinds = [
  'losses',
  'jointLosses',
  'fillings',
  'freezes',
  'stalls',
  'suspicions',
  'breaks',
  'partitions',
  'clockJumps',
  'duplicates',
  'lateFrames',
  'fullBuffers',
  'stepFailures',
  'excesses',
  ...diskFaultKinds,
  ...conductorFaultKinds,
  ...hostFaultKinds,
] as const satisfies readonly FaultKind[]
