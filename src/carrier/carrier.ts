/** Looks on: traces, checkers, and faults that fall between two effects. */
export interface Onlooker<Event, Effect> {
  /** An event comes; called before it is handled. */
  comes?(event: Event): void
  /** It was handled; called before its effects are carried out. */
  saw?(event: Event, effects: readonly Effect[]): void
  /** False: whoever this is has ended, so neither the next effect nor any after it is carried out. */
  survives?(): boolean
  /** An effect is about to be carried out. */
  begins?(effect: Effect): void
  /** It was. */
  did?(effect: Effect): void
}

/** Whose effects are carried out. */
export interface Carried<Event, Effect> {
  /** The state machine: what is to be done about an event. */
  decide(event: Event): readonly Effect[]
  carryOut(effect: Effect): void
  readonly watch?: Onlooker<Event, Effect>
}

/**
 * Feeds a state machine one event at a time and has its effects carried out in order. An effect may bring about the
 * next event; that one waits until all effects of this one are done.
 */
export class Carrier<Event, Effect> {
  readonly #carried: Carried<Event, Effect>
  readonly #waiting: Event[] = []
  #isBusy = false

  constructor(carried: Carried<Event, Effect>) {
    this.#carried = carried
  }

  dispatch(event: Event): void {
    if (this.#isBusy) {
      this.#waiting.push(event)
      return
    }
    this.#isBusy = true
    try {
      this.#handle(event)
      while (this.#waiting.length > 0) this.#handle(this.#waiting.shift()!)
    } finally {
      this.#isBusy = false
    }
  }

  #handle(event: Event): void {
    const carried = this.#carried
    const watch = carried.watch ?? nobody
    watch.comes?.(event)
    const effects = carried.decide(event)
    watch.saw?.(event, effects)
    for (const effect of effects) {
      if (watch.survives?.() === false) return
      watch.begins?.(effect)
      carried.carryOut(effect)
      watch.did?.(effect)
    }
  }
}

const nobody: Onlooker<unknown, unknown> = {}
