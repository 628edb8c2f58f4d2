/** A process that is held up for shorter than this is not told of. */
const heldMsMin = 2000

export interface HeldWatchOptions {
  /** Bytes that the next step has to wait for; 0 where it does not (B2). */
  heldBytes(): number
  /** It has been waiting for long, and for this; or, with 0, goes on again. */
  tell(bytes: number): void
}

/** Notices when a process has to wait for long until what it holds can be committed. */
export class HeldWatch {
  readonly #options: HeldWatchOptions
  #timer: NodeJS.Timeout | null = null
  #isTold = false

  constructor(options: HeldWatchOptions) {
    this.#options = options
  }

  /** After each event. `mayBeHeld`: quickly found out; where it is true, it is looked at later. */
  note(mayBeHeld: boolean): void {
    if (mayBeHeld === (this.#timer !== null)) return
    if (mayBeHeld) this.#timer = setTimeout(() => this.#look(), heldMsMin)
    else this.#goesOn()
  }

  #look(): void {
    const bytes = this.#options.heldBytes()
    this.#isTold = bytes > 0
    if (this.#isTold) this.#options.tell(bytes)
    else this.#timer = setTimeout(() => this.#look(), heldMsMin)
  }

  #goesOn(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
    if (this.#isTold) this.#options.tell(0)
    this.#isTold = false
  }
}
