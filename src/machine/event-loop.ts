/**
 * Feeds a state machine one event at a time and has its effects carried out in order. An effect may bring about the
 * next event; that one waits until all effects of this one are done.
 */
export class EventLoop<Event, Effect> {
  readonly #step: (event: Event) => readonly Effect[]
  readonly #carryOut: (effect: Effect) => void
  readonly #events: Event[] = []
  #isRunning = false

  constructor(step: (event: Event) => readonly Effect[], carryOut: (effect: Effect) => void) {
    this.#step = step
    this.#carryOut = carryOut
  }

  dispatch(event: Event): void {
    this.#events.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        for (const effect of this.#step(next)) this.#carryOut(effect)
      }
    } finally {
      this.#isRunning = false
    }
  }
}
