/** The hosts of a world: which processors are on them, and what befalls all of a host at once. */
import type { ProcessorId } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import { hostsForNext } from '../../placement/index.ts'
import { type Accident, type ConductorEvent, type ConductorState, type Place, placeOf } from '../../protocol/index.ts'
import type { WorldOptions } from '../world/options.ts'
import type { SimulatedProcessor } from '../world/processor.ts'

export interface SimulatedHost {
  readonly name: string
  isOff: boolean
  isFrozen: boolean
  /** The crew has told that it is silent. */
  isSilent: boolean
  /** Lost with it, and not told yet. */
  untold: readonly SimulatedProcessor[]
}

/** What the crew has to tell of a host, in one event of all its processors. */
export interface ToldOfHost {
  readonly type: 'tellHostLost' | 'tellHostSilent' | 'tellHostHeard'
  readonly host: string
}

/** What the hosts need of the world around them. */
interface Surroundings {
  readonly conductor: ConductorState
  readonly code: ErasureCode | null
  readonly options: Pick<WorldOptions, 'respawns'>
  readonly candidates: object | null
  isStarting(processor: SimulatedProcessor): boolean
  crash(processor: SimulatedProcessor, surviving: (packets: number) => number, withHost?: boolean): void
  tellConductor(event: ConductorEvent): void
  startProcessor(host?: string): unknown
}

export class SimulatedHosts {
  readonly all: readonly SimulatedHost[]
  readonly #world: Surroundings
  readonly #living: readonly SimulatedProcessor[]

  constructor(count: number, world: Surroundings, living: readonly SimulatedProcessor[]) {
    this.#world = world
    this.#living = living
    this.all = Array.from({ length: count }, (_, index) => ({
      ...{ name: `h${index + 1}`, isOff: false, isFrozen: false, isSilent: false, untold: [] },
    }))
  }

  find(name: string): SimulatedHost | null {
    return this.all.find((one) => one.name === name) ?? null
  }

  /** Those on which processors can be started. */
  get usable(): readonly SimulatedHost[] {
    return this.all.filter(({ isOff, isFrozen, isSilent }) => !isOff && !isFrozen && !isSilent)
  }

  on(name: string): SimulatedProcessor[] {
    return this.#living.filter(({ on }) => on === name)
  }

  /** Where the next so many processors are to be started, as the launcher has it. */
  next(count: number): string[] {
    const usable = this.usable.length > 0 ? this.usable : this.all.filter(({ isOff }) => !isOff)
    const hosts = usable.map(({ name }) => ({ name, room: null }))
    const { conductor, code } = this.#world
    const held = new Map<Place, string>()
    const holding = new Set<ProcessorId>()
    for (const processor of this.#living) {
      const place = placeOf(conductor, processor.id)
      if (place === null || processor.on === null) continue
      held.set(place, processor.on)
      holding.add(processor.id)
    }
    const idle = this.#living.flatMap(({ id, on }) => (on === null || holding.has(id) ? [] : [on]))
    return hostsForNext({ hosts, code, held, idle }, count)
  }

  /** All of a host ends at once. False: it is off, or it is the last. */
  lose({ name }: SimulatedHost, surviving: (packets: number) => number, accident: Accident | null): boolean {
    const host = this.find(name)!
    if (host.isOff || !this.usable.some((one) => one !== host)) return false
    const ended = this.on(name)
    Object.assign(host, { isOff: true, isFrozen: false, isSilent: false, untold: ended })
    for (const processor of ended) {
      processor.accident = accident
      this.#world.crash(processor, surviving, true)
    }
    return true
  }

  /** It is there again, with a processor that was just started. False: nobody knows yet that it was gone, or it was not. */
  return(host: SimulatedHost): boolean {
    if (!host.isOff || host.untold.length > 0) return false
    host.isOff = false
    this.#world.startProcessor(host.name)
    return true
  }

  /** False: it is so already, or it is off. */
  freeze(host: SimulatedHost, isFrozen: boolean): boolean {
    if (host.isOff || host.isFrozen === isFrozen) return false
    host.isFrozen = isFrozen
    for (const processor of this.on(host.name)) {
      processor.frozen = isFrozen
      processor.withHost = isFrozen || host.isSilent
    }
    return true
  }

  /** The whole machine starts anew. */
  reset(): void {
    for (const host of this.all) {
      Object.assign(host, { isOff: false, isFrozen: false, isSilent: false, untold: [] })
    }
  }

  /** What the crew may tell now. */
  possible(): ToldOfHost[] {
    return this.all.flatMap(({ name: host, isFrozen, isSilent, untold }): ToldOfHost[] => {
      if (untold.length > 0) return [{ type: 'tellHostLost', host }]
      if (isFrozen && !isSilent) return [{ type: 'tellHostSilent', host }]
      return !isFrozen && isSilent ? [{ type: 'tellHostHeard', host }] : []
    })
  }

  tell({ type, host: name }: ToldOfHost): void {
    const host = this.find(name)!
    if (type === 'tellHostLost') this.#tellLost(host)
    else if (type === 'tellHostSilent') this.#tellSilent(host)
    else this.#tellHeard(host)
  }

  #tellLost(host: SimulatedHost): void {
    const ended = host.untold
    host.untold = []
    const losses = ended.map(({ id, accident }) => ({ processor: id, ...(accident && { accident }) }))
    const spares = ended.filter(({ id, host }) => host === null && placeOf(this.#world.conductor, id) === null)
    this.#world.tellConductor({ type: 'lostTogether', losses })
    // Where the conductor may be lost, the crew keeps as many as there are to be; elsewhere others come with the recovery.
    if (!this.#world.options.respawns || this.#world.candidates) return
    for (let count = spares.length; count > 0; count -= 1) this.#world.startProcessor()
  }

  /** One that is not ready yet holds nothing that could be waited for: the machine ends it. */
  #tellSilent(host: SimulatedHost): void {
    host.isSilent = true
    for (const processor of this.on(host.name)) {
      if (this.#world.isStarting(processor)) this.#world.crash(processor, () => 0)
    }
    const silent = this.on(host.name).filter(({ isSilent }) => !isSilent)
    for (const processor of silent) processor.isSilent = true
    const losses = silent.map(({ id }) => ({ processor: id }))
    if (losses.length > 0) this.#world.tellConductor({ type: 'silentTogether', losses })
  }

  #tellHeard(host: SimulatedHost): void {
    host.isSilent = false
    const all = this.on(host.name).filter(({ withHost }) => withHost)
    for (const processor of all) processor.withHost = false
    const heard = all.filter(({ isSilent, cutOff }) => isSilent && !cutOff)
    for (const processor of heard) processor.isSilent = false
    const processors = heard.map(({ id }) => id)
    if (processors.length > 0) this.#world.tellConductor({ type: 'heardTogether', processors })
  }
}
