import type { ProcessorId, Rank } from '../../../base/index.ts'
import { type ConductorState, type Place, placeName, rankOf } from '../../../protocol/index.ts'
import { type Member, monotonicMs, type ToProcessor } from '../../wire/control.ts'
import type { ProcessorHandle } from '../crew/processor-handle.ts'

/** The processes of a run, as its conductor knows them. */
export interface Processors {
  /** Those whose process has not ended, oldest first. */
  readonly living: readonly ProcessorHandle[]
  find(id: ProcessorId): ProcessorHandle | null
  /** Starts another one. */
  start(): void
}

/** Who holds which place: the conductor's members, joined with the processes behind them. */
export class Roster {
  readonly #conductor: ConductorState
  readonly #processors: Processors
  /** The latest holder of each place, also when it has been lost since. */
  readonly #latest = new Map<Place, ProcessorHandle>()

  constructor(conductor: ConductorState, processors: Processors) {
    this.#conductor = conductor
    this.#processors = processors
  }

  /**
   * Keeps as many processors as the machine has places, and as soon as everybody has what it needs to go on, so many
   * spares: the starting of a process takes the time of those that are waited for. Returns whether it had to start any.
   */
  fill(spares: number): boolean {
    const { members, phase } = this.#conductor
    const wanted = members.size + (phase === 'running' ? spares : 0)
    const present = this.#processors.living.filter(({ status }) => status === 'starting' || status === 'serving').length
    for (let count = present; count < wanted; count += 1) this.#processors.start()
    return present < wanted
  }

  /** Notes who holds the place now, and returns it; null if its process has ended. */
  assigned(place: Place, processor: ProcessorId): ProcessorHandle | null {
    const handle = this.#processors.find(processor)
    if (handle) {
      handle.heldSinceMs = monotonicMs()
      this.#latest.set(place, handle)
    } else this.#latest.delete(place)
    return handle
  }

  /** When the first of these was hit; null unless all of them were, by faults that were asked for. */
  lossMs(lost: readonly Place[]): number | null {
    const times = lost.map((place) => this.#latest.get(place)?.struckMs ?? null)
    return times.length === 0 || times.includes(null) ? null : Math.min(...times.map(Number))
  }

  /** Those that hold a place, in the order of places, and then spares: whom a fault can hit. */
  targets(): { readonly place: Place | null; readonly handle: ProcessorHandle }[] {
    const { members, spares } = this.#conductor
    const all = [...members, ...spares.map((id) => [null, id] as const)]
    return all.flatMap(([place, id]) => {
      const handle = id === null ? null : this.#processors.find(id)
      return handle?.status === 'serving' ? [{ place, handle }] : []
    })
  }

  placeOf(handle: ProcessorHandle): Place | null {
    for (const [place, processor] of this.#conductor.members) if (processor === handle.id) return place
    return null
  }

  rankOf(handle: ProcessorHandle): Rank | null {
    const place = this.placeOf(handle)
    return place === null ? null : rankOf(place)
  }

  /** How dear its loss is: application processors take everybody back, spares nobody needs. */
  standingOf(handle: ProcessorHandle): number {
    if (this.placeOf(handle) === null) return 0
    return this.rankOf(handle) === null ? 1 : 2
  }

  /** What people call the processor. */
  nameOf(handle: ProcessorHandle): string {
    if (handle.status === 'replaced') return 'replaced processor'
    const place = this.placeOf(handle)
    return place === null ? 'spare' : placeName(place)
  }

  holderOf(place: Place): ProcessorHandle | null {
    const processor = this.#conductor.members.get(place)
    return processor ? this.#processors.find(processor) : null
  }

  /** False if a process has no processor, so that not all of them hear it. */
  tellProcesses(message: ToProcessor): boolean {
    const ranks = [...this.#conductor.members.keys()].filter((place) => rankOf(place) !== null)
    const holders = ranks.map((place) => this.holderOf(place))
    for (const handle of holders) handle?.send(message)
    return !holders.includes(null)
  }

  /** Tells everybody who holds what. */
  announce(): void {
    const members: Member[] = []
    for (const [place, processor] of this.#conductor.members) if (processor !== null) members.push({ place, processor })
    const { living } = this.#processors
    const message: ToProcessor = { type: 'members', members, pids: living.map(({ pid }) => pid) }
    for (const handle of living) handle.send(message)
  }

  /** Every place is held by a processor that is heard of and has its memory. */
  get isWhole(): boolean {
    const { phase, missing, silent } = this.#conductor
    return phase === 'running' && missing.size === 0 && silent.size === 0
  }

  /** What people call those without whom nothing can be committed now: places that are not whole, and silent members. */
  get waitedFor(): string[] {
    const { members, missing, silent } = this.#conductor
    const places = [...members].filter(([place, id]) => missing.has(place) || (id !== null && silent.has(id)))
    return places.map(([place]) => placeName(place))
  }

  /** Marks those that the conductor has given up while they were silent. */
  markReplaced(): void {
    const { members, spares, silent } = this.#conductor
    const kept = new Set([...members.values(), ...spares, ...silent])
    for (const handle of this.#processors.living) {
      if (handle.status === 'serving' && !kept.has(handle.id)) handle.status = 'replaced'
    }
  }
}
