/** Faults for random runs: which, when, and only such as the code covers, so that every run must finish. */
import type { Random } from '../base/index.ts'
import { type Place, toleranceFor } from '../protocol/index.ts'
import type { Packet } from './links.ts'
import type { Processor } from './processor.ts'
import type { World } from './world.ts'

export interface FaultOptions {
  /** Losses of processors, by crash or by silence. */
  readonly losses: number
  readonly freezes: number
  /** Freezes that no code would cover: they must be waited for. */
  readonly stalls: number
  readonly duplicates: number
  readonly stepFailures: number
}

const faultKinds = ['losses', 'freezes', 'stalls', 'duplicates', 'stepFailures'] as const

/** Faults that are still to come. */
export class Faults {
  readonly #random: Random
  readonly #left: { -readonly [Fault in keyof FaultOptions]: number }
  #failures = 0

  constructor(random: Random, options: FaultOptions) {
    this.#random = random
    this.#left = { ...options }
  }

  /** Perhaps lets something bad happen before the next action. `chance` in a thousand; ten times that in a recovery. */
  strike(world: World, chance: number): void {
    this.#thaw(world)
    const chanceNow = world.conductor.phase === 'running' ? chance : 10 * chance
    if (!world.conductor.begun || this.#random.integer(1, 1000) > chanceNow) return
    this.#strikeOnce(world)
    if (this.#random.integer(1, 3) === 1) this.#strikeOnce(world)
  }

  #strikeOnce(world: World): void {
    const kinds = faultKinds.filter((kind) => this.#left[kind] > 0)
    if (kinds.length === 0) return
    switch (this.#random.pick(kinds)) {
      case 'losses':
        if (this.#random.integer(1, 6) === 1 ? this.#loseSpare(world) : this.#lose(world)) this.#left.losses -= 1
        return
      case 'freezes':
        if (this.#freeze(world)) this.#left.freezes -= 1
        return
      case 'stalls':
        if (this.#stall(world)) this.#left.stalls -= 1
        return
      case 'duplicates':
        if (this.#duplicate(world)) this.#left.duplicates -= 1
        return
      default:
        if (this.#failStep(world)) this.#left.stepFailures -= 1
    }
  }

  /** Nothing else can happen any more: what was frozen goes on. False: nobody was. */
  thawAll(world: World): boolean {
    const frozen = world.processors.filter((processor) => processor.alive && processor.frozen)
    for (const processor of frozen) processor.frozen = false
    return frozen.length > 0
  }

  /** Faults stop: from here on the machine must finish. */
  stop(world: World): void {
    for (const kind of faultKinds) this.#left[kind] = 0
    this.thawAll(world)
  }

  /** Half of the losses fall between two effects of one event; what is in flight arrives in part. */
  #lose(world: World): boolean {
    const processor = this.#victim(world)
    if (!processor) return false
    if (this.#random.integer(0, 1) === 0) processor.effectsLeft = this.#random.integer(0, 3)
    else world.crash(processor, (packets) => this.#random.integer(0, packets))
    return true
  }

  /** Idle, or on its way to a place that is missing anyway. Another one is started. */
  #loseSpare(world: World): boolean {
    const spares = sparesOf(world)
    if (spares.length === 0) return false
    world.crash(this.#random.pick(spares), (packets) => this.#random.integer(0, packets))
    world.startProcessor()
    return true
  }

  #freeze(world: World): boolean {
    const processor = this.#victim(world)
    if (processor) processor.frozen = true
    return processor !== null
  }

  #stall(world: World): boolean {
    const members = [...world.conductor.members.keys()].map((place) => world.holder(place))
    const running = members.filter((one) => one?.alive && one.host && one.effectsLeft === null)
    if (running.length < members.length) return false
    this.#random.pick([...running, ...sparesOf(world)])!.frozen = true
    return true
  }

  #thaw(world: World): void {
    for (const processor of world.processors) {
      if (processor.frozen && this.#random.integer(1, 60) === 1) processor.frozen = false
    }
  }

  /** Somebody whose loss is covered together with all that is lost already, known or not. */
  #victim(world: World): Processor | null {
    const lost = new Set<Place>(world.conductor.missing)
    const candidates: [Place, Processor][] = []
    for (const place of world.conductor.members.keys()) {
      const processor = world.holder(place)
      if (processor?.alive && processor.host && isWell(processor)) candidates.push([place, processor])
      else lost.add(place)
    }
    const covered = candidates.filter(([place]) => toleranceFor(new Set([...lost, place])) <= 1)
    return covered.length > 0 ? this.#random.pick(covered)[1] : null
  }

  /** Any frame in flight comes once more, at once or later. */
  #duplicate(world: World): boolean {
    const links = world.links.busy().filter((link) => link.packets.some(isFrame))
    if (links.length === 0) return false
    const { packets } = this.#random.pick(links)
    const packet = this.#random.pick(packets.filter(isFrame))
    packets.splice(this.#random.integer(packets.indexOf(packet) + 1, packets.length), 0, packet)
    return true
  }

  #failStep(world: World): boolean {
    const hosts = world.processors.flatMap(({ host, alive, frozen }) =>
      alive && !frozen && host?.kind === 'application' && host.step ? [host] : [],
    )
    if (hosts.length === 0) return false
    this.#failures += 1
    this.#random.pick(hosts).failStep(`site ${this.#failures}`)
    return true
  }
}

function sparesOf({ processors }: World): Processor[] {
  return processors.filter(({ alive, host }) => alive && !host)
}

/** Neither frozen, nor believed to be, nor about to crash. */
function isWell({ frozen, isSilent, effectsLeft }: Processor): boolean {
  return !frozen && !isSilent && effectsLeft === null
}

const isFrame = ({ type }: Packet): boolean => type === 'frame'
