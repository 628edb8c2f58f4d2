import type { Epoch } from '../../../base/index.ts'
import type { CandidateId } from '../../../protocol/index.ts'

/**
 * Who is obeyed (C3): whoever gave the newest orders, and nobody else who does not know of a later epoch. Each epoch is of one
 * conductor alone; of what that one has decided, some may leave only when it is in a later epoch of its own.
 */
export class Obedience {
  /** Null before anybody is. */
  official: CandidateId | null = null
  /** Of the newest order. */
  epoch: Epoch = 0

  /** It is on record as the conductor. */
  appoint(id: CandidateId): void {
    this.official = id
  }

  /** Whether an order of this epoch is carried out; whoever gave it is the one who is obeyed from here on. */
  obeys(id: CandidateId, epoch: Epoch): boolean {
    if (id !== this.official && epoch <= this.epoch) return false
    this.official = id
    this.epoch = Math.max(epoch, this.epoch)
    return true
  }
}
