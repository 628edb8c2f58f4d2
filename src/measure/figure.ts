import { assert } from '../base/index.ts'

/** What several rounds of one measurement came to. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
  /** The figure of each round, in the order in which they were measured. */
  readonly samples: readonly number[]
}

export function figureOf(samples: readonly number[]): Figure {
  assert(samples.length > 0, 'measure: a figure is made of something')
  const sorted = [...samples].sort((left, right) => left - right)
  return { median: middleOf(sorted), min: sorted[0]!, max: sorted.at(-1)!, samples }
}

function middleOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How a measurement is made. */
export interface Conditions {
  /** How often each thing is measured, without the rounds that warm up. */
  readonly rounds: number
  /** Aborted when the user interrupts: the measurement throws its reason, and leaves nothing behind. */
  readonly signal: AbortSignal
  /** Hears how much of the measurement is done, 0 to 1, and what is being measured. */
  onProgress(share: number, what: string): void
}

/** Lets signals and timers through between two pieces of work that hold this thread. Throws once interrupted. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}

/** How long `work` holds this thread, in milliseconds. */
export function timedMs(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}
