/** What a state machine does about an event. */
export type Step<State, Event, Effect> = (state: State, event: Event) => readonly Effect[]

/** How an effect of each type is carried out. */
export type Handlers<Effect extends { readonly type: string }, Ports> = {
  readonly [Type in Effect['type']]: (effect: Extract<Effect, { readonly type: Type }>, ports: Ports) => void
}

/** Looks on: traces, checkers, and faults that fall between two effects. */
export interface Onlooker<Event, Effect> {
  /** An event comes; called before it is handled. */
  comes?(event: Event): void
  /** It was handled; called before its effects are carried out. */
  saw?(event: Event, effects: readonly Effect[]): void
  /** False: the processor has ended, so no further effect is carried out. */
  survives?(): boolean
  /** An effect is about to be carried out. */
  begins?(effect: Effect): void
  /** It was. */
  did?(effect: Effect): void
}

const nobody: Onlooker<unknown, unknown> = {}

/**
 * Feeds a state machine one event at a time and has its effects carried out in order. An effect may bring about the
 * next event; that one waits until all effects of this one are done.
 */
export class Carrier<State, Event, Effect extends { readonly type: string }, Ports extends { readonly state: State }> {
  readonly #ports: Ports
  readonly #step: Step<State, Event, Effect>
  readonly #handlers: Handlers<Effect, Ports>
  readonly #onlooker: Onlooker<Event, Effect>
  readonly #waiting: Event[] = []
  #isBusy = false

  constructor(
    ports: Ports,
    step: Step<State, Event, Effect>,
    handlers: Handlers<Effect, Ports>,
    onlooker: Onlooker<Event, Effect> = nobody,
  ) {
    this.#ports = ports
    this.#step = step
    this.#handlers = handlers
    this.#onlooker = onlooker
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
    const onlooker = this.#onlooker
    onlooker.comes?.(event)
    const effects = this.#step(this.#ports.state, event)
    onlooker.saw?.(event, effects)
    for (const effect of effects) {
      if (onlooker.survives?.() === false) return
      onlooker.begins?.(effect)
      // The key says that effect and handler are of one type, which the compiler does not follow.
      this.#handlers[effect.type as Effect['type']](effect as never, this.#ports)
      onlooker.did?.(effect)
    }
  }
}
