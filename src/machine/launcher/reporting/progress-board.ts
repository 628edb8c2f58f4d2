import type { Rank } from '../../../base/index.ts'

/** How far the program is: the mean over the processes that report it. */
export class ProgressBoard {
  readonly #shares = new Map<Rank, number>()

  /** Any process has reported something. */
  get isKnown(): boolean {
    return this.#shares.size > 0
  }

  /** Returns the share of the whole, 0 to 1. */
  note(rank: Rank, done: number, total: number): number {
    this.#shares.set(rank, total > 0 ? Math.min(1, Math.max(0, done / total)) : 1)
    let sum = 0
    for (const share of this.#shares.values()) sum += share
    return sum / this.#shares.size
  }
}
