import type { PageBatch } from '../../parity/index.ts'
import type { Frame } from '../../protocol/index.ts'

/** See `Link.keepLent`. */
export type Keep = () => (() => void) | null

/** For frames whose pages, if they have any, are their own. */
export const ownPages: Keep = () => () => {}

interface Loan {
  readonly batch: PageBatch
  /** Effects that wait, and read the pages only then. */
  claims: number
  /** Null while the frame is being handled. */
  giveBack: (() => void) | null
}

/**
 * The pages of frames: they are lent, and lie in memory that is used again once the frame has been handled. Of those that
 * are needed longer, since the state machine has put the frame by or an effect waits, an image's stay with its sender
 * until then, which so comes to wait, too; others are copied.
 */
export class LentPages {
  readonly #isPutBy: (batch: PageBatch) => boolean
  readonly #kept = new Map<PageBatch, Loan>()
  /** Of the frame that is being handled. */
  #current: Loan | null = null

  /** `isPutBy`: whether the state machine has put the frame of these pages by. */
  constructor(isPutBy: (batch: PageBatch) => boolean) {
    this.#isPutBy = isPutBy
  }

  /** Has `work` handle a frame that was lent. */
  handle(frame: Frame, keep: Keep, work: () => void): void {
    const loan = 'batch' in frame ? { batch: frame.batch, claims: 0, giveBack: null } : null
    this.#current = loan
    work()
    this.#current = null
    if (loan === null || !this.#isNeeded(loan)) return
    const giveBack = frame.type === 'image' ? keep() : null
    if (giveBack === null) copyPages(loan.batch)
    else this.#kept.set(loan.batch, Object.assign(loan, { giveBack }))
  }

  /** An effect is to read these pages later: once it has, it calls what this returns. */
  claim(batch: PageBatch): () => void {
    const loan = this.#current?.batch === batch ? this.#current : this.#kept.get(batch)
    if (loan === undefined) return () => {}
    loan.claims += 1
    return () => {
      loan.claims -= 1
      this.#settle(loan)
    }
  }

  /** Nothing is under way: what the state machine has put by no more, and no effect waits for, goes back. */
  settle(): void {
    for (const loan of this.#kept.values()) this.#settle(loan)
  }

  #settle(loan: Loan): void {
    if (loan.giveBack === null || this.#isNeeded(loan)) return
    this.#kept.delete(loan.batch)
    loan.giveBack()
  }

  #isNeeded({ batch, claims }: Loan): boolean {
    return claims > 0 || this.#isPutBy(batch)
  }
}

/** Puts a copy in the place of pages that are lent. */
export function copyPages(batch: PageBatch): void {
  Object.assign(batch, { bytes: batch.bytes.slice() })
}
