/** Faults for random runs: which, when, and only such as the code covers, so that every run must finish. */
import type { Random } from '../base/index.ts'
import { type Place, rankOf, toleranceFor } from '../protocol/index.ts'
import type { Link, Packet } from './links.ts'
import type { Fault } from './moves.ts'
import type { Processor } from './processor.ts'
import type { World } from './world.ts'

/** How many of each fault a run has at most. */
export interface FaultCounts {
  /** Losses of processors, half of them between two effects of one event. */
  readonly losses: number
  /** Losses of processors that are just being filled from the others. */
  readonly fillings: number
  readonly freezes: number
  /** Freezes that no code would cover: they must be waited for. */
  readonly stalls: number
  /** Processors believed dead that go on working. */
  readonly suspicions: number
  /** Connections that break, with what was in flight: the machine gives up the processor at the end. */
  readonly breaks: number
  readonly duplicates: number
  /** Frames of an older epoch that come again. */
  readonly lateFrames: number
  readonly fullBuffers: number
  readonly stepFailures: number
  /** Losses at the same time that no code covers: the run must end with the error that says so. */
  readonly excesses: number
}

export type FaultKind = keyof FaultCounts

export const faultKinds = [
  'losses',
  'fillings',
  'freezes',
  'stalls',
  'suspicions',
  'breaks',
  'duplicates',
  'lateFrames',
  'fullBuffers',
  'stepFailures',
  'excesses',
] as const satisfies readonly FaultKind[]

const nothing: readonly Fault[] = []

/** The faults of one run that are still to come. */
export class Faults {
  readonly #random: Random
  readonly #left: { -readonly [Kind in FaultKind]: number }
  /** Out of ten thousand actions, how many are preceded by a fault; ten times that in a recovery. */
  readonly #chance: number
  #failures = 0
  /** More was lost than any code covers. */
  hasExceeded = false

  constructor(random: Random, counts: FaultCounts, chance: number) {
    this.#random = random
    this.#left = { ...counts }
    this.#chance = chance
  }

  /** What happens before the next action: mostly nothing. */
  next(world: World): readonly Fault[] {
    const { conductor, processors } = world
    let faults = nothing
    for (const { frozen, id } of processors) {
      if (frozen && this.#random.integer(1, 60) === 1) faults = [...faults, { type: 'thaw', processor: id }]
    }
    if (!conductor.begun) return faults
    const chance = conductor.phase === 'running' ? this.#chance : 10 * this.#chance
    return this.#random.integer(1, 10_000) > chance ? faults : [...faults, ...this.#strike(world)]
  }

  /** Nothing else can happen any more: what was frozen goes on. */
  thawAll({ processors }: World): Fault[] {
    const frozen = processors.filter((processor) => processor.alive && processor.frozen)
    return frozen.map(({ id }) => ({ type: 'thaw', processor: id }))
  }

  /** Faults stop: from here on the machine must finish. */
  stop(world: World): Fault[] {
    for (const kind of faultKinds) this.#left[kind] = 0
    return this.thawAll(world)
  }

  #strike(world: World): Fault[] {
    const kinds = faultKinds.filter((kind) => this.#left[kind] > 0)
    if (kinds.length === 0) return []
    const kind = this.#random.pick(kinds)
    const faults = this.#faultsOf(kind, world)
    if (faults.length > 0) this.#left[kind] -= 1
    return faults
  }

  #faultsOf(kind: FaultKind, world: World): Fault[] {
    switch (kind) {
      case 'losses':
        return this.#random.integer(1, 6) === 1 ? this.#loseSpare(world) : this.#lose(world, this.#victim(world))
      case 'fillings':
        return this.#lose(
          world,
          this.#victim(world, ({ host }) => host?.state.mode === 'newcomer'),
        )
      case 'freezes':
        return one(this.#victim(world), 'freeze')
      case 'stalls':
        return this.#stall(world)
      case 'suspicions':
        return one(this.#victim(world), 'suspect')
      case 'breaks':
        return this.#break(world)
      case 'duplicates':
        return this.#duplicate(world)
      case 'lateFrames':
        return this.#repeatLate(world)
      case 'fullBuffers':
        return this.#fillBuffers(world)
      case 'stepFailures':
        return this.#failStep(world)
      default:
        return this.#exceed(world)
    }
  }

  /** Half of the losses fall between two effects of one event; what is in flight arrives in part. */
  #lose(world: World, processor: Processor | null): Fault[] {
    if (!processor) return []
    if (this.#random.integer(0, 1) === 1) return [this.#crash(world, processor)]
    return [{ type: 'crashAfter', processor: processor.id, effects: this.#random.integer(0, 3) }]
  }

  /** Two application processors at once, or one with checkpoint and backup processor. */
  #exceed(world: World): Fault[] {
    const members = [...world.conductor.members.keys()]
    const applications = members.filter((place) => rankOf(place) !== null)
    const first = this.#random.pick(applications)
    const second = this.#random.pick(applications.filter((place) => place !== first))
    const checks = members.filter((place) => rankOf(place) === null)
    const lost = [first, ...(this.#random.integer(0, 2) === 0 ? checks : [second])]
    const processors = lost.map((place) => world.holder(place)).filter((one) => one !== null)
    if (!processors.every((one) => one.alive && one.host && isWell(one))) return []
    if (processors.length < lost.length) return []
    this.hasExceeded = true
    return processors.map((processor) => this.#crash(world, processor))
  }

  #crash(world: World, { id }: Processor): Fault {
    const arriving = world.links.from(id).map(({ packets }) => this.#random.integer(0, packets.length))
    return { type: 'crash', processor: id, arriving }
  }

  /** Idle, or on its way to a place that is missing anyway. Another one is started. */
  #loseSpare(world: World): Fault[] {
    const spares = sparesOf(world)
    if (spares.length === 0) return []
    return [this.#crash(world, this.#random.pick(spares)), { type: 'startProcessor' }]
  }

  #stall(world: World): Fault[] {
    const members = [...world.conductor.members.keys()].map((place) => world.holder(place))
    const running = members.filter((member) => member?.alive && member.host && isWell(member))
    if (running.length < members.length) return []
    return one(this.#random.pick([...running, ...sparesOf(world)]), 'freeze')
  }

  /** The victim's connection to the conductor or one that leads to it breaks. */
  #break(world: World): Fault[] {
    const victim = this.#victim(world)
    if (!victim) return []
    const isUsable = ({ from }: Link): boolean => from === 'conductor' || world.processor(from).alive
    const links = world.links.to(victim.id).filter((link) => !link.broken && isUsable(link))
    if (links.length === 0) return []
    const { from, to } = this.#random.pick(links)
    return [{ type: 'sever', from, to }]
  }

  /** Somebody whose loss is covered together with all that is lost already, known or not. */
  #victim(world: World, isWanted: (processor: Processor) => boolean = () => true): Processor | null {
    const lost = new Set<Place>(world.conductor.missing)
    const candidates: [Place, Processor][] = []
    for (const place of world.conductor.members.keys()) {
      const processor = world.holder(place)
      if (processor?.alive && processor.host && isWell(processor)) candidates.push([place, processor])
      else lost.add(place)
    }
    const covered = candidates.filter(
      ([place, processor]) => isWanted(processor) && toleranceFor(new Set([...lost, place])) <= 1,
    )
    return covered.length > 0 ? this.#random.pick(covered)[1] : null
  }

  /** Any frame in flight comes once more, at once or later. */
  #duplicate(world: World): Fault[] {
    const links = world.links.busy().filter((link) => link.packets.some(isFrame))
    if (links.length === 0) return []
    const { from, to, packets } = this.#random.pick(links)
    const which = packets.indexOf(this.#random.pick(packets.filter(isFrame)))
    return [{ type: 'duplicate', from, to, which, at: this.#random.integer(which + 1, packets.length) }]
  }

  #repeatLate(world: World): Fault[] {
    const { epoch } = world.conductor
    const isLate = (packet: Packet): boolean => packet.type === 'frame' && packet.epoch < epoch
    const isThere = ({ to, from }: Link): boolean =>
      from !== 'conductor' && to !== 'conductor' && world.processor(to).alive && !world.processor(to).givenUp
    const links = world.links.all.filter((link) => !link.broken && isThere(link) && link.delivered.some(isLate))
    if (links.length === 0) return []
    const { from, to, delivered } = this.#random.pick(links)
    return [{ type: 'repeatLate', from, to, which: delivered.indexOf(this.#random.pick(delivered.filter(isLate))) }]
  }

  /** One buffer or all of them. */
  #fillBuffers(world: World): Fault[] {
    const hosts = world.processors.filter(({ alive, frozen, host }) => alive && !frozen && host?.kind === 'application')
    if (hosts.length === 0) return []
    const chosen = this.#random.integer(0, 1) === 0 ? [this.#random.pick(hosts)] : hosts
    return chosen.map(({ id }) => ({ type: 'fillBuffer', processor: id }))
  }

  #failStep(world: World): Fault[] {
    const stepping = world.processors.filter(
      ({ host, alive, frozen }) => alive && !frozen && host?.kind === 'application' && host.step,
    )
    if (stepping.length === 0) return []
    this.#failures += 1
    return [{ type: 'failStep', processor: this.#random.pick(stepping).id, site: `site-${this.#failures}` }]
  }
}

function one(processor: Processor | null, type: 'freeze' | 'suspect'): Fault[] {
  return processor ? [{ type, processor: processor.id }] : []
}

function sparesOf({ processors }: World): Processor[] {
  return processors.filter(({ alive, host }) => alive && !host)
}

/** Neither frozen, nor believed to be, nor about to end. */
function isWell({ frozen, isSilent, effectsLeft, givenUp }: Processor): boolean {
  return !frozen && !isSilent && effectsLeft === null && !givenUp
}

const isFrame = ({ type }: Packet): boolean => type === 'frame'
