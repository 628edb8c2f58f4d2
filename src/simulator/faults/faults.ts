/** Faults for random runs: which, when, and only such as the code covers, so that every run must finish. */
import { type ProcessorId, type Random, unreachable } from '../../base/index.ts'
import type { Place } from '../../protocol/index.ts'
import type { Candidates } from '../candidates/candidates.ts'
import { filesOf, wholeIn } from '../disk/manifests.ts'
import type { Packet, SimulatedLink } from '../world/links.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import type { World } from '../world/world.ts'
import { ConductorFaults } from './conductor-faults.ts'
import { freezeHost, hostsComeBack, loseHost } from './host-faults.ts'
import { type ConductorFaultKind, conductorFaultKinds, type FaultCounts, type FaultKind, faultKinds } from './kinds.ts'
import { releasesOf, type SimulatedFault } from './moves.ts'
import { isReplaying, type Phase, phaseOf } from './phase.ts'
import { isCovered, membersIfWell, sparesOf, victim, victimsTogether } from './victims.ts'

type ProcessorFaultKind = Exclude<FaultKind, ConductorFaultKind>

const isOfConductors = (kind: FaultKind): kind is ConductorFaultKind => conductorFaultKinds.some((one) => one === kind)
const processorFaultKinds = faultKinds.filter((kind): kind is ProcessorFaultKind => !isOfConductors(kind))

/** What struck, and when. */
export interface Strike {
  readonly kind: FaultKind
  readonly phase: Phase
}

const nothing: readonly SimulatedFault[] = []
/** The shorter a phase, the likelier a fault in it, so that there are enough in each. */
const urgency: Readonly<Record<Phase, number>> = {
  computing: 1,
  freezing: 3,
  gathering: 1.5,
  committing: 6,
  recovering: 2,
  replaying: 24,
}
const urgencyMost = urgency.replaying
/** Of all phases but the shortest. */
const urgencyUsual = urgency.committing

/** The faults of one run that are still to come. */
export class PendingFaults {
  readonly #random: Random
  readonly #left: { -readonly [Kind in FaultKind]: number }
  /** Out of ten thousand actions, how many are preceded by a fault while nothing but computing goes on. */
  readonly #chance: number
  readonly #ofConductors: ConductorFaults
  #failures = 0
  #isAnyLeft = true
  /** More was lost than any code covers. */
  hasExceeded = false
  readonly strikes: Strike[] = []

  /** `conductorChance`: as `chance`, of those who may conduct where there are several. */
  constructor(random: Random, counts: FaultCounts, chance: number, conductorChance = 0) {
    this.#random = random
    this.#ofConductors = new ConductorFaults(random, counts, conductorChance)
    this.#left = { ...counts }
    this.#chance = chance
  }

  /** What happens before the next action: mostly nothing. */
  next(world: World): readonly SimulatedFault[] {
    const { conductor, processors, links } = world
    let faults = nothing
    for (const { frozen, withHost, id } of processors) {
      if (frozen && !withHost && this.#random.integer(1, 60) === 1)
        faults = [...faults, { type: 'thaw', processor: id }]
    }
    if (world.hosts) faults = [...faults, ...hostsComeBack(this.#random, world)]
    if (links.partition && this.#random.integer(1, 60) === 1) faults = [...faults, { type: 'heal' }]
    if (world.candidates && this.#isAnyLeft) faults = [...faults, ...this.#strikeConductors(world, world.candidates)]
    if (!conductor.begun || !this.#isAnyLeft) return faults
    const drawn = this.#random.integer(1, 10_000)
    // Which phase it is takes a while to find out, and mostly does not matter.
    if (drawn > urgencyMost * this.#chance) return faults
    if (drawn > urgencyUsual * this.#chance && !isReplaying(world)) return faults
    const phase = phaseOf(world)
    return drawn > urgency[phase] * this.#chance ? faults : [...faults, ...this.#strike(world, phase)]
  }

  #strikeConductors(world: World, candidates: Candidates): SimulatedFault[] {
    const thawed = this.#ofConductors.thaws(candidates)
    const struck = this.#ofConductors.next(world, candidates)
    if (struck === null) return thawed
    this.strikes.push({ kind: struck.kind, phase: phaseOf(world) })
    return [...thawed, struck.fault]
  }

  /** Faults stop: from here on the machine must finish. */
  stop(world: World): SimulatedFault[] {
    for (const kind of faultKinds) this.#left[kind] = 0
    this.#isAnyLeft = false
    return releasesOf(world)
  }

  #strike(world: World, phase: Phase): SimulatedFault[] {
    const kinds = processorFaultKinds.filter((kind) => this.#left[kind] > 0)
    if (kinds.length === 0) {
      this.#isAnyLeft = world.candidates !== null
      return []
    }
    const kind = this.#random.pick(kinds)
    const faults = this.#faultsOf(kind, world)
    if (faults.length > 0) {
      this.#left[kind] -= 1
      this.strikes.push({ kind, phase })
    }
    return faults
  }

  #faultsOf(kind: ProcessorFaultKind, world: World): SimulatedFault[] {
    switch (kind) {
      case 'losses':
        return this.#random.integer(1, 6) === 1
          ? this.#loseSpare(world)
          : this.#lose(world, victim(this.#random, world))
      case 'jointLosses':
        return this.#loseTogether(world)
      case 'fillings':
        return this.#lose(
          world,
          victim(this.#random, world, ({ host }) => host?.state.mode === 'newcomer'),
        )
      case 'freezes':
        return one(victim(this.#random, world), 'freeze')
      case 'stalls':
        return this.#stall(world)
      case 'suspicions':
        return one(victim(this.#random, world), 'suspect')
      case 'breaks':
        return this.#break(world)
      case 'partitions':
        return this.#divide(world)
      case 'clockJumps':
        return this.#jump(world)
      case 'duplicates':
        return this.#duplicate(world)
      case 'lateFrames':
        return this.#repeatLate(world)
      case 'fullBuffers':
        return this.#fillBuffers(world)
      case 'stepFailures':
        return this.#failStep(world)
      case 'excesses':
        return this.#exceed(world)
      case 'fullDisks':
        return world.disk ? [{ type: 'fillDisk' }] : []
      case 'damagedFiles':
        return this.#damage(world)
      case 'powerCuts':
        return this.#cutPower(world)
      case 'hostLosses':
        return loseHost(this.#random, world)
      case 'hostFreezes':
        return freezeHost(this.#random, world)
      default:
        return unreachable(kind)
    }
  }

  /** Half of the losses fall between two effects of one event; what is in flight arrives in part. */
  #lose(world: World, processor: SimulatedProcessor | null): SimulatedFault[] {
    if (!processor) return []
    if (this.#random.integer(0, 1) === 1) return [this.#crash(world, processor)]
    return [{ type: 'crashAfter', processor: processor.id, effects: this.#random.integer(0, 3) }]
  }

  /** Places drawn at random, all at once, until no code covers them. */
  #exceed(world: World): SimulatedFault[] {
    // With nothing on the disk yet, it ends the run as it does without a disk.
    if (this.#isTooEarly(world)) return []
    const left = [...world.conductor.members.keys()]
    const lost: Place[] = []
    while (left.length > 0 && isCovered(world, new Set(lost))) {
      const place = this.#random.pick(left)
      left.splice(left.indexOf(place), 1)
      lost.push(place)
    }
    const members = membersIfWell(world)
    if (!members) return []
    const processors = members.filter(({ host }) => lost.includes(host!.state.place))
    this.hasExceeded = true
    return processors.map((processor) => this.#crash(world, processor))
  }

  #cutPower(world: World): SimulatedFault[] {
    if (!world.disk || this.#isTooEarly(world)) return []
    return [{ type: 'cutPower', luck: this.#random.integer(0, 2 ** 30) }]
  }

  /** Mostly nothing relies on a disk before there is a checkpoint on it. */
  #isTooEarly({ conductor: { storage } }: World): boolean {
    return storage?.whole.length === 0 && this.#random.integer(0, 3) > 0
  }

  /** Only where the checkpoint before is good, and needs no file of those that are damaged. */
  #damage(world: World): SimulatedFault[] {
    const { conductor, disk } = world
    if (!disk || conductor.storage?.whole.length !== 2 || conductor.storage.order?.sealing) return []
    const whole = wholeIn(disk.folder)
    const [older, newest] = conductor.storage.whole.map(({ sequence }) =>
      whole.find((one) => one.sequence === sequence),
    )
    if (!older || !newest) return []
    const needed = filesOf(older)
    const names = filesOf(newest).filter((name) => !needed.includes(name))
    // Mostly nobody would look at it.
    return [{ type: 'damageFile', name: this.#random.pick(names) }, ...this.#exceed(world)]
  }

  #crash(world: World, { id }: SimulatedProcessor): SimulatedFault {
    const arriving = world.links.from(id).map(({ packets }) => this.#random.integer(0, packets.length))
    return { type: 'crash', processor: id, arriving }
  }

  /** Idle, or on its way to a place that is missing anyway. Another one is started. */
  #loseSpare(world: World): SimulatedFault[] {
    const spares = sparesOf(world)
    if (spares.length === 0) return []
    return [this.#crash(world, this.#random.pick(spares))]
  }

  #stall(world: World): SimulatedFault[] {
    const members = membersIfWell(world)
    return members ? one(this.#random.pick([...members, ...sparesOf(world)]), 'freeze') : []
  }

  /** Two or more, up to what the code covers. */
  #loseTogether(world: World): SimulatedFault[] {
    const victims = victimsTogether(this.#random, world, this.#random.integer(2, 5))
    return victims.length < 2 ? [] : victims.map((processor) => this.#crash(world, processor))
  }

  /** Whoever cannot be heard may be taken for lost; what no code covers is waited for. */
  #divide(world: World): SimulatedFault[] {
    const members = membersIfWell(world)
    if (!members || world.links.partition) return []
    const side: ProcessorId[] = []
    const all = [...members, ...sparesOf(world)]
    for (let count = this.#random.integer(1, all.length); count > 0; count -= 1) {
      side.push(all.splice(this.#random.integer(0, all.length - 1), 1)[0]!.id)
    }
    return [{ type: 'partition', side, way: this.#random.pick(['out', 'in', 'both']) }]
  }

  /** The clocks of the processors, that of the conductor, or all of them. */
  #jump(world: World): SimulatedFault[] {
    const which = this.#random.integer(0, 2)
    const early: SimulatedFault[] = which === 0 ? [] : [{ type: 'passTimeouts' }]
    const members = which === 1 ? null : membersIfWell(world)
    if (!members) return early
    const silent = members.filter(() => this.#random.integer(0, 1) === 1)
    return [...early, ...silent.map(({ id }): SimulatedFault => ({ type: 'suspect', processor: id }))]
  }

  /** The victim's connection to the conductor or one that leads to it breaks. */
  #break(world: World): SimulatedFault[] {
    const chosen = victim(this.#random, world)
    if (!chosen) return []
    const isUsable = ({ from }: SimulatedLink): boolean =>
      typeof from === 'number' ? world.processor(from).alive : from === 'conductor'
    const links = world.links.to(chosen.id).filter((link) => !link.broken && isUsable(link))
    if (links.length === 0) return []
    const { from, to } = this.#random.pick(links)
    return [{ type: 'sever', from, to }]
  }

  /** Any frame in flight comes once more, at once or later. */
  #duplicate(world: World): SimulatedFault[] {
    const links = world.links.busy.filter((link) => link.packets.some(isFrame))
    if (links.length === 0) return []
    const { from, to, packets } = this.#random.pick(links)
    const which = packets.indexOf(this.#random.pick(packets.filter(isFrame)))
    return [{ type: 'duplicate', from, to, which, at: this.#random.integer(which + 1, packets.length) }]
  }

  #repeatLate(world: World): SimulatedFault[] {
    const { epoch } = world.conductor
    const isLate = (packet: Packet): boolean => packet.type === 'frame' && packet.epoch < epoch
    const isThere = ({ to, from }: SimulatedLink): boolean =>
      typeof from === 'number' && typeof to === 'number' && world.processor(to).alive && !world.processor(to).givenUp
    const links = world.links.all.filter((link) => !link.broken && isThere(link) && link.delivered.some(isLate))
    if (links.length === 0) return []
    const { from, to, delivered } = this.#random.pick(links)
    return [{ type: 'repeatLate', from, to, which: delivered.indexOf(this.#random.pick(delivered.filter(isLate))) }]
  }

  /** One buffer or all of them. */
  #fillBuffers(world: World): SimulatedFault[] {
    const hosts = world.processors.filter(({ alive, frozen, host }) => alive && !frozen && host?.kind === 'application')
    if (hosts.length === 0) return []
    const chosen = this.#random.integer(0, 1) === 0 ? [this.#random.pick(hosts)] : hosts
    return chosen.map(({ id }) => ({ type: 'fillBuffer', processor: id }))
  }

  #failStep(world: World): SimulatedFault[] {
    const stepping = world.processors.filter(
      ({ host, alive, frozen }) => alive && !frozen && host?.kind === 'application' && host.step,
    )
    if (stepping.length === 0) return []
    this.#failures += 1
    return [{ type: 'failStep', processor: this.#random.pick(stepping).id, site: `site-${this.#failures}` }]
  }
}

function one(processor: SimulatedProcessor | null, type: 'freeze' | 'suspect'): SimulatedFault[] {
  return processor ? [{ type, processor: processor.id }] : []
}

const isFrame = ({ type }: Packet): boolean => type === 'frame'
