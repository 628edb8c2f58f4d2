import type { Epoch, Rank } from '../../../base/index.ts'

/** Whether the programs that a recovery took back compute again. Until they do, nothing is started that can wait. */
export class Comeback {
  readonly #processes: number
  readonly #computing = new Set<Rank>()
  /** The epoch of the newest recovery that took programs back; null before the first. */
  #epoch: Epoch | null = null

  constructor(processes: number) {
    this.#processes = processes
  }

  wentBack(epoch: Epoch): void {
    this.#epoch = epoch
    this.#computing.clear()
  }

  /** Returns whether it was the last that was waited for. `epoch`: in which its program was begun. */
  noteComputing(rank: Rank, epoch: Epoch): boolean {
    if (this.isOver || this.#epoch === null || epoch < this.#epoch) return false
    this.#computing.add(rank)
    return this.isOver
  }

  get isOver(): boolean {
    return this.#epoch === null || this.#computing.size === this.#processes
  }
}
