import { type CandidateClock, type ClockType, clockTypes } from '../candidates/clocks.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import type { ToldOfHost } from '../hosts/hosts.ts'
import type { Shipping } from './host.ts'
import type { Links, SimulatedLink } from './links.ts'
import type { SimulatedProcessor } from './processor.ts'

/** What can happen next. */
export type Action =
  | { readonly type: 'deliver'; readonly link: SimulatedLink }
  | { readonly type: 'workOnMemory'; readonly processor: SimulatedProcessor }
  | { readonly type: 'ship'; readonly processor: SimulatedProcessor; readonly shipment: Shipping }
  | { readonly type: 'endStep'; readonly processor: SimulatedProcessor }
  | { readonly type: 'timeout'; readonly processor: SimulatedProcessor }
  | { readonly type: 'tellSilent'; readonly processor: SimulatedProcessor }
  | { readonly type: 'tellHeard'; readonly processor: SimulatedProcessor }
  /** A processor that was given up is ended. */
  | { readonly type: 'leave'; readonly processor: SimulatedProcessor }
  /** The next operation on a file that is being written or read. */
  | { readonly type: 'writeFile'; readonly processor: SimulatedProcessor }
  | { readonly type: 'readFile'; readonly processor: SimulatedProcessor }
  | { readonly type: 'writeManifest' }
  | ToldOfHost
  | CandidateClock

type OwnType = Exclude<Action['type'], 'deliver' | 'ship' | 'writeManifest' | ClockType | ToldOfHost['type']>
type OwnActions = Readonly<Record<OwnType, Action>>

function ownActions(processor: SimulatedProcessor): OwnActions {
  return {
    workOnMemory: { type: 'workOnMemory', processor },
    endStep: { type: 'endStep', processor },
    timeout: { type: 'timeout', processor },
    tellSilent: { type: 'tellSilent', processor },
    tellHeard: { type: 'tellHeard', processor },
    leave: { type: 'leave', processor },
    writeFile: { type: 'writeFile', processor },
    readFile: { type: 'readFile', processor },
  }
}

const writeManifest: Action = { type: 'writeManifest' }

/** Whether it happens only because time passes. */
export function isTimer({ type }: Action): boolean {
  return type === 'timeout' || clockTypes.some((one) => one === type)
}

/** Finds what can happen next among links and processors. */
export class Actions {
  readonly #links: Links
  readonly #processors: readonly SimulatedProcessor[]
  readonly #living: readonly SimulatedProcessor[]
  readonly #disk: SimulatedDisk | null
  readonly #deliveries: Extract<Action, { type: 'deliver' }>[] = []
  readonly #ownActions: OwnActions[] = []
  /** Used again each time: there is a call for every action. */
  readonly #possible: Action[] = []
  #count = 0

  /** `living`: those of the processors that have not ended. */
  constructor(
    links: Links,
    processors: readonly SimulatedProcessor[],
    living: readonly SimulatedProcessor[],
    disk: SimulatedDisk | null,
  ) {
    this.#links = links
    this.#processors = processors
    this.#living = living
    this.#disk = disk
  }

  /**
   * In a stable order, up to the next call. An action is the same object each time, but for `ship`, and `others`, which come
   * last: clocks, and what is told of hosts.
   */
  possible(others: readonly (CandidateClock | ToldOfHost)[]): readonly Action[] {
    this.#count = 0
    const links = this.#links.busy
    for (let index = 0; index < links.length; index += 1) {
      const link = links[index]!
      const isStill =
        typeof link.to === 'number' ? this.#processors[link.to - 1]!.frozen : this.#links.frozen.has(link.to)
      if (link.cut || isStill) continue
      this.#deliveries[link.index] ??= { type: 'deliver', link }
      this.#put(this.#deliveries[link.index]!)
    }
    for (const processor of this.#living) this.#add(processor)
    if (this.#disk?.manifests.isSealing) this.#put(writeManifest)
    for (const other of others) this.#put(other)
    if (this.#possible.length !== this.#count) this.#possible.length = this.#count
    return this.#possible
  }

  #put(action: Action): void {
    this.#possible[this.#count] = action
    this.#count += 1
  }

  #add(processor: SimulatedProcessor): void {
    const { host, frozen, cutOff, isSilent, withHost } = processor
    this.#ownActions[processor.id] ??= ownActions(processor)
    const own = this.#ownActions[processor.id]!
    const isHeard = !frozen && !cutOff
    if (!isHeard && !isSilent && !withHost) this.#put(own.tellSilent)
    if (isHeard && isSilent && !withHost) this.#put(own.tellHeard)
    if (processor.givenUp) this.#put(own.leave)
    if (frozen || !host) return
    for (const shipment of host.shipments) this.#put({ type: 'ship', processor, shipment })
    if (host.kind === 'check') return
    if (host.memory.isWaiting) this.#put(own.workOnMemory)
    if (host.step) this.#put(own.endStep)
    if (host.timerArmed) this.#put(own.timeout)
    if (!host.share) return
    if (host.share.isWriting) this.#put(own.writeFile)
    if (host.share.isReading && !host.memory.isWaiting) this.#put(own.readFile)
  }
}
