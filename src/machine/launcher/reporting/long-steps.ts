import type { Rank } from '../../../base/index.ts'
import type { LongStep } from '../../run.ts'

/** Shorter ones are not told of. */
const stepMsMin = 1000

/** Which processes have been in the same step for long, by what they answer when they are asked. */
export class LongSteps {
  readonly #steps = new Map<Rank, LongStep>()

  /** `stepMs`: for how long the process has been in its step; null between two. Returns whether there is news. */
  note(rank: Rank, step: number, stepMs: number | null, nowMs: number): boolean {
    if (stepMs === null || stepMs < stepMsMin) return this.#steps.delete(rank)
    this.#steps.set(rank, { rank, step, sinceMs: nowMs - stepMs })
    return true
  }

  /** Everybody goes back. Returns whether there is news. */
  clear(): boolean {
    const isNews = this.#steps.size > 0
    this.#steps.clear()
    return isNews
  }

  /** By rank. */
  get all(): readonly LongStep[] {
    return [...this.#steps.values()].sort((one, other) => one.rank - other.rank)
  }
}
