/**
 * A space-time diagram as data: processes as lanes, messages as arrows, and what happened on the lanes. Plain JSON, so
 * that it can be put into a page. Times are in the unit of the trace.
 */
import type { Traffic } from './traffic.ts'

export interface SpaceTime {
  /** `ms` in a trace; `events` in a scenario, where time is the number of events. */
  readonly unit: 'ms' | 'events'
  readonly from: number
  readonly to: number
  readonly lanes: readonly Lane[]
  readonly arrows: readonly Arrow[]
  readonly streams: readonly Stream[]
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
  readonly cuts: readonly ConsistentCut[]
  readonly recoveries: readonly RecoverySpan[]
  /** How the run ended, if it did. */
  readonly ending: string | null
}

export interface Lane {
  readonly place: string
  /** The processors that held the place, one after the other. */
  readonly holders: readonly Holder[]
  /** Of processors that were given up and went on all the same: what they do counts no more. */
  readonly isFormer: boolean
}

export interface Holder {
  readonly processor: number | null
  readonly pid: number | null
  readonly from: number
  /** When the conductor gave it up; null if it never did. */
  readonly to: number | null
  /** The last thing that was heard of it. */
  readonly lastSeen: number
}

/** A frame from lane to lane. */
export interface Arrow {
  readonly traffic: Exclude<Traffic, 'pages'>
  readonly from: number
  readonly to: number
  /** Null if the trace does not tell. */
  readonly sent: number | null
  /** Null if it never arrived. */
  readonly arrived: number | null
  /** Sent out of the message log in a recovery. */
  readonly isReplayed: boolean
  /**
   * `open`: arrived, or still under way when the trace ends. `taken`: consumed. `discarded`: arrived, and dropped since it
   * was of an old epoch, had been consumed before, or lay unconsumed when its receiver went back or was lost. `lost`: never arrived.
   */
  readonly fate: 'open' | 'taken' | 'discarded' | 'lost'
  /** Sent or consumed in work that a recovery took back. */
  readonly isUndone: boolean
  /** The frame in a line. */
  readonly label: string
  /** What stands beside the arrow; empty for nothing. */
  readonly caption: string
}

/** Pages on their way: deltas, merged deltas, images. */
export interface Stream {
  readonly what: string
  readonly from: number
  readonly to: number
  /** When shipping began; null if the trace does not tell. */
  readonly began: number | null
  readonly firstArrived: number
  readonly lastArrived: number
  readonly pages: number
  /** False if a recovery cut it off, or the trace ends in it. */
  readonly isComplete: boolean
}

export interface Span {
  readonly lane: number
  readonly from: number
  readonly to: number
  /** `step`: the program computes. `frozen`: it stands still for a checkpoint. `undone`: work that a recovery took back. */
  readonly kind: 'step' | 'frozen' | 'undone'
}

export type MarkKind =
  | 'capture'
  | 'commit'
  | 'learned'
  | 'lost'
  | 'silent'
  | 'heard'
  | 'fenced'
  | 'restored'
  | 'failed'
  | 'output'

export interface Mark {
  readonly lane: number
  readonly at: number
  readonly kind: MarkKind
  /** A few words for people, such as `captures checkpoint 3`. */
  readonly label: string
  /** What stands beside it: a checkpoint's number; empty for none. */
  readonly short: string
}

/** A committed checkpoint: the captures that belong together. */
export interface ConsistentCut {
  readonly checkpoint: number
  readonly committed: number
  readonly points: readonly Point[]
}

export interface Point {
  readonly lane: number
  readonly at: number
}

export interface RecoverySpan {
  readonly epoch: number
  readonly from: number
  /** When everybody went on; null if they did not. */
  readonly to: number | null
  readonly lost: readonly string[]
  /** The checkpoint that all went back to; null if none was found, or nobody went back. */
  readonly line: number | null
  readonly points: readonly Point[]
}
