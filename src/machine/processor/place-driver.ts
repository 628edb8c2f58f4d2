import type { Epoch } from '../../base/index.ts'
import type { PageRanges } from '../../memory/index.ts'
import type { Frame, Place } from '../../protocol/index.ts'
import { pageSizeBytes } from '../page-size.ts'
import type { Configuration, FromProcessor, RestAnswer, TraceLine } from '../wire/control.ts'
import type { Keep } from './lent-pages.ts'
import type { Peers } from './peers.ts'
import type { TouchAhead } from './touch-ahead.ts'

/** What a processor does while it holds a place: drives the state machine that belongs there. */
export interface PlaceDriver {
  readonly place: Place
  readonly epoch: Epoch
  /** `keep`: for the pages of the frame. */
  receive(epoch: Epoch, from: Place, frame: Frame, keep: Keep): void
  /** Whether its process rests, and for how long it has been in its step; null where there is none. */
  rest(): Omit<RestAnswer, 'type' | 'question'> | null
  /** Processes use these pages of theirs, and so will their checkpoints. */
  expect(pages: PageRanges): void
  /** Nobody is heard: the program takes no step until somebody is. */
  standStill(): void
  /** Somebody is heard again, for the first time after so long. */
  goOn(silentMs: number): void
  /** It was replaced: nothing it does counts any more. */
  fence(): void
}

/** What a place driver needs of the processor around it. */
export interface ProcessorContext {
  readonly configuration: Configuration
  readonly peers: Peers
  readonly touching: TouchAhead
  tell(message: FromProcessor): void
  /** Watches over work that goes on behind the state machine's back: if it throws, the run ends. */
  run(work: Promise<void>): void
  /** A checkpoint is committed: recoveries may be rehearsed, if they have not been. */
  rehearse(): void
  /** Null unless a trace is wanted. */
  readonly trace: ((line: TraceLine) => void) | null
}

/** Pages that travel in one frame: 1 MiB, so that a memory's worth takes few turns of code that may never have run. */
export const pagesPerBatch = 256

export { pageSizeBytes }

/** Frames of pages that streams have on their way at the same time: enough that nobody waits for their return. */
const streamSlots = 8

/** For what chains pass on: these are for when the next one in it has no core just now. */
const passingSlots = 8

/** As many as sending so many pages has on their way at most. */
export function slotsFor(pages: number): number {
  return Math.min(streamSlots, Math.ceil(pages / pagesPerBatch))
}

export const slotsOfProcessor = {
  slotBytes: pagesPerBatch * pageSizeBytes,
  slots: streamSlots + passingSlots,
  reservedSlots: passingSlots,
}

/** A stream of pages stops for as long as more than this waits to be sent. */
export const queuedBytesMax = 1024 * 1024
