import type { Shipment } from './host.ts'
import type { Link, Links } from './links.ts'
import type { Processor } from './processor.ts'

/** What can happen next. */
export type Action =
  | { readonly type: 'deliver'; readonly link: Link }
  | { readonly type: 'workOnMemory'; readonly processor: Processor }
  | { readonly type: 'ship'; readonly processor: Processor; readonly shipment: Shipment }
  | { readonly type: 'endStep'; readonly processor: Processor }
  | { readonly type: 'timeout'; readonly processor: Processor }
  | { readonly type: 'tellSilent'; readonly processor: Processor }
  | { readonly type: 'tellHeard'; readonly processor: Processor }
  /** A processor that was given up is ended. */
  | { readonly type: 'leave'; readonly processor: Processor }

type OwnType = Exclude<Action['type'], 'deliver' | 'ship'>
type OwnActions = Readonly<Record<OwnType, Action>>

function ownActions(processor: Processor): OwnActions {
  return {
    workOnMemory: { type: 'workOnMemory', processor },
    endStep: { type: 'endStep', processor },
    timeout: { type: 'timeout', processor },
    tellSilent: { type: 'tellSilent', processor },
    tellHeard: { type: 'tellHeard', processor },
    leave: { type: 'leave', processor },
  }
}

/** Finds what can happen next among links and processors. */
export class Actions {
  readonly #links: Links
  readonly #processors: readonly Processor[]
  readonly #deliveries: Extract<Action, { type: 'deliver' }>[] = []
  readonly #ownActions: OwnActions[] = []

  constructor(links: Links, processors: readonly Processor[]) {
    this.#links = links
    this.#processors = processors
  }

  /** In a stable order. An action is the same object each time, but for `ship`. */
  possible(): Action[] {
    const actions: Action[] = []
    const links = this.#links.busy
    for (let index = 0; index < links.length; index += 1) {
      const link = links[index]!
      if (link.cut || (link.to !== 'conductor' && this.#processors[link.to - 1]!.frozen)) continue
      this.#deliveries[link.index] ??= { type: 'deliver', link }
      actions.push(this.#deliveries[link.index]!)
    }
    for (const processor of this.#processors) if (processor.alive) this.#add(actions, processor)
    return actions
  }

  #add(actions: Action[], processor: Processor): void {
    const { host, frozen, cutOff, isSilent } = processor
    this.#ownActions[processor.id] ??= ownActions(processor)
    const own = this.#ownActions[processor.id]!
    const isHeard = !frozen && !cutOff
    if (!isHeard && !isSilent) actions.push(own.tellSilent)
    if (isHeard && isSilent) actions.push(own.tellHeard)
    if (processor.givenUp) actions.push(own.leave)
    if (frozen || !host) return
    for (const shipment of host.shipments) actions.push({ type: 'ship', processor, shipment })
    if (host.kind === 'check') return
    if (host.memoryWorks) actions.push(own.workOnMemory)
    if (host.step) actions.push(own.endStep)
    if (host.timerArmed) actions.push(own.timeout)
  }
}
