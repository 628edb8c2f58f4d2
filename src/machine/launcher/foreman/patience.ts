/** Silent processors whose loss no code covers may come back within this time. */
const patienceMs = 10_000

/** Waits for what may come back, but not forever. */
export class Patience {
  readonly #onOver: () => void
  #timer: NodeJS.Timeout | null = null

  constructor(onOver: () => void) {
    this.#onOver = onOver
  }

  /** The time runs from when there is first something to wait for. */
  note(isWaiting: boolean): void {
    if (!isWaiting) this.stop()
    else this.#timer ??= setTimeout(() => this.#end(), patienceMs)
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #end(): void {
    this.#timer = null
    this.#onOver()
  }
}
