/**
 * Conductors that may be lost, in a world: candidates with links to everybody, the store of the record, the disk's port, and
 * the watcher, who fetches what is released. Processors are the world's; the crew tells all candidates who lives,
 * whoever conducts.
 */
import { assert } from '../../base/index.ts'
import { type CandidateCarrier, carryCandidate, type Onlooker } from '../../carrier/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  type ConductorEffect,
  type ConductorEvent,
  type ConductorOptions,
  type ConductorState,
  createCandidate,
  stepCandidate,
} from '../../protocol/index.ts'
import { type Canary, stepAround } from '../canaries/canary.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import type { HostCheck } from '../oracle/host-check.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { CandidateEnd, End, Links, Packet, SimulatedLink } from '../world/links.ts'
import type { RunEnding, WorldOptions } from '../world/options.ts'
import { Orders } from '../world/orders.ts'
import { lossOf, type SimulatedProcessor } from '../world/processor.ts'
import { eventOf } from './arriving.ts'
import type { SimulatedCandidate } from './candidate.ts'
import { candidatePorts } from './candidate-ports.ts'
import { Clocks } from './clocks.ts'
import { CrewNews } from './crew-news.ts'
import { DiskPort } from './disk-port.ts'
import { RecordStore } from './record-store.ts'
import { Watcher } from './watcher.ts'

/** What the candidates need of the world around them. */
interface Surroundings {
  readonly links: Links
  readonly options: WorldOptions
  readonly processors: readonly SimulatedProcessor[]
  readonly violations: Violation[]
  readonly disk: SimulatedDisk | null
  conductor: ConductorState
  outcome: RunEnding | null
  /** That state machines have handled. */
  events: number
  startProcessor(): SimulatedProcessor
}

interface Eyes {
  comes(event: ConductorEvent): void
  saw(event: ConductorEvent): void
  readonly observe: WorldOptions['observe']
  released(effect: Extract<ConductorEffect, { type: 'output' }>): void
  /** An effect of a conductor leaves it. */
  did(effect: CandidateEffect): void
  /** Null: all are on one computer. */
  readonly hosts: HostCheck | null
}

/** Each process keeps few outputs, and repeats them after each recovery. */
const waitingMax = 64

export class Candidates {
  readonly all: SimulatedCandidate[] = []
  readonly #carriers: CandidateCarrier[] = []
  readonly store: RecordStore
  readonly clocks: Clocks
  readonly crew: CrewNews
  /** Null: nothing is written to disk. */
  readonly disk: DiskPort | null
  /** How often somebody took over. */
  takeOvers = 0
  readonly #world: Surroundings
  readonly #living: readonly SimulatedProcessor[]
  readonly #options: ConductorOptions
  readonly #eyes: Eyes
  readonly #step: (state: CandidateState, event: CandidateEvent) => readonly CandidateEffect[]
  readonly #obeysStale: boolean
  readonly #watcher: Watcher
  readonly #unfetchedBytesMax: number

  constructor(
    world: Surroundings,
    living: readonly SimulatedProcessor[],
    options: ConductorOptions,
    count: number,
    canary: Canary | undefined,
    eyes: Eyes,
  ) {
    this.#world = world
    this.#living = living
    this.#options = options
    this.#eyes = eyes
    this.#step = stepAround(canary?.candidate, stepCandidate)
    this.#unfetchedBytesMax = world.options.unfetchedBytesMax ?? Number.POSITIVE_INFINITY
    this.#obeysStale = canary?.obeysStale === true
    this.store = new RecordStore(world.links, (detail) => this.#say('TOLD BEFORE AGREED', detail))
    this.clocks = new Clocks(this, world.links)
    this.crew = new CrewNews(this.all, world.links, (one, event) => this.handle(one, event))
    const report = (violation: Violation): number => world.violations.push(violation)
    this.disk = world.disk && new DiskPort(world.disk.manifests, world.links, report)
    this.#watcher = new Watcher(eyes.released, report)
    for (let id = 1; id <= count; id += 1) this.#create()
    const [first, ...others] = this.all
    this.handle(first!, { type: 'appointed', replicas: others.map(({ id }) => id) })
    world.conductor = first!.state.tenure!.core
    for (const one of others) this.#introduceTo(one)
  }

  get ends(): readonly End[] {
    return this.all.filter(({ alive }) => alive).map(({ end }) => end)
  }

  /** The one that the record names; the first before there is one. */
  get official(): SimulatedCandidate {
    return this.all[(this.store.found.record?.conductor ?? 1) - 1]!
  }

  /** Everybody lives and hears, and somebody could take over. */
  get areWell(): boolean {
    const { official, all } = this
    const others = all.filter(({ alive }) => alive)
    const isWell = others.every(({ id, frozen, isSilent, effectsLeft }) => {
      const isKept = [this.store.found.record?.replicas, official.state.tenure?.wanted].every((all) =>
        all?.includes(id),
      )
      return !frozen && !isSilent && effectsLeft === null && (id === official.id || isKept)
    })
    return (
      this.#world.links.partition === null &&
      isWell &&
      official.alive &&
      others.length > 1 &&
      official.state.tenure?.isAgreed === true
    )
  }

  #create(): SimulatedCandidate {
    const id = this.all.length + 1
    const end: CandidateEnd = `candidate ${id}`
    const { links } = this.#world
    const orders = new Orders(this.#living, (to, epoch, order) => {
      if ((this.store.found.record?.epoch ?? 0) < epoch) this.#say('TOLD BEFORE AGREED', `${end}: epoch ${epoch}`)
      links.put(end, to, { type: 'order', epoch, order })
    })
    const state = createCandidate({ ...this.#options, id, unfetchedBytesMax: this.#unfetchedBytesMax })
    const made = { id, end, state, orders, alive: true, frozen: false, isSilent: false, effectsLeft: null, backlog: [] }
    this.all.push(made)
    this.#carriers.push(this.#carry(made))
    return made
  }

  /** A candidate begins to stand by: it hears what the record says, who lives, and who else there is. */
  #introduceTo(candidate: SimulatedCandidate): void {
    for (const processor of this.#world.processors) {
      if (!processor.alive) this.handle(candidate, lossOf(processor))
      else if (processor.isSilent) this.handle(candidate, { type: 'silent', processor: processor.id })
    }
    for (const other of this.#othersOf(candidate))
      this.handle(candidate, { type: 'candidateFound', candidate: other.id })
    this.store.tell(candidate.end)
    this.announce(candidate)
  }

  #othersOf({ id }: SimulatedCandidate): SimulatedCandidate[] {
    return this.all.filter((one) => one.alive && one.id !== id)
  }

  /** The others hear that it stands by. */
  announce(candidate: SimulatedCandidate): void {
    const event: CandidateEvent = { type: 'candidateFound', candidate: candidate.id }
    for (const { end } of this.#othersOf(candidate)) this.#world.links.put(candidate.end, end, { type: 'news', event })
  }

  /** C3: whether the processor obeys an order of this epoch. */
  obeys(processor: SimulatedProcessor, epoch: number, from: End): boolean {
    if (epoch < processor.obeyed && !this.#obeysStale) {
      this.#world.links.put(processor.id, from, { type: 'refused', epoch: processor.obeyed })
      return false
    }
    if (epoch < processor.obeyed) this.#say('STALE ORDER', `processor ${processor.id}, epoch ${epoch}`)
    processor.obeyed = Math.max(epoch, processor.obeyed)
    processor.follows = from
    return true
  }

  deliver({ from, to }: SimulatedLink, packet: Packet): void {
    if (to === 'store') {
      if (packet.type === 'asked') this.#ask(this.#candidateAt(from), packet.effect)
      return
    }
    if (to === 'watcher') {
      this.#showTo(from, packet)
      return
    }
    if (to === 'disk') {
      if (packet.type === 'diskOrder') this.disk?.take(from as CandidateEnd, packet.epoch, packet.order)
      return
    }
    const candidate = this.#candidateAt(to)
    if (!candidate.alive) return
    const event = eventOf(from, packet)
    if (event) this.handle(candidate, event)
  }

  /** The watcher says what it has fetched, to whom it has it from. */
  #showTo(from: End, packet: Packet): void {
    if (packet.type === 'ended') this.#world.outcome = packet.outcome
    if (packet.type !== 'released') return
    const { effect } = packet
    this.#watcher.take(effect)
    if (!this.#candidateAt(from).alive) return
    this.#world.links.put('watcher', from, { type: 'news', event: { type: 'fetched', upTo: effect.number } })
  }

  #candidateAt(end: End): SimulatedCandidate {
    const found = this.all.find((one) => one.end === end)
    assert(found !== undefined, 'it is a candidate')
    return found
  }

  #ask(candidate: SimulatedCandidate, request: Extract<Packet, { type: 'asked' }>['effect']): void {
    const before = this.official
    this.store.ask(candidate, request, this.all)
    if (this.official !== before) this.#world.conductor = this.official.state.tenure!.core
  }

  handle(candidate: SimulatedCandidate, event: CandidateEvent): void {
    const core = candidate.state.tenure?.core
    this.#carriers[candidate.id - 1]!.dispatch(event)
    if (candidate.alive && core === this.#world.conductor) this.#fill()
  }

  /** O3: the last entry may go beyond the bound, nothing after it. */
  #checkBound({ end, state: { log, tenure } }: SimulatedCandidate): void {
    // What a return to the disk takes back may come behind it.
    const last = log.entries.findLast(({ type }) => type === 'output')
    const before = log.bytes - (last?.type === 'output' ? last.payload.byteLength : 0)
    if (before > 0 && before >= this.#unfetchedBytesMax) {
      this.#say('UNBOUNDED', `${end} keeps ${log.bytes} bytes that nobody has fetched`)
    }
    const waiting = tenure?.waiting.length ?? 0
    if (waiting > waitingMax) this.#say('UNBOUNDED', `${waiting} outputs wait at ${end}`)
  }

  /** Somebody may take over from it, whatever becomes of what it has asked of the store. */
  isReplaceable({ id, state: { tenure } }: SimulatedCandidate): boolean {
    if (!tenure) return this.store.challenger !== id
    const records = [this.store.found.record, ...(tenure.proposal ? [tenure.proposal.record] : [])]
    return records.every((record) => record?.replicas.some((one) => one !== id && this.all[one - 1]!.alive))
  }

  /** The crew keeps as many processors as there are places and spares. */
  #fill(): void {
    const { conductor, options } = this.#world
    let present = 0
    for (const processor of this.#living) {
      const place = processor.host?.state.place
      const isReplaced = place !== undefined && conductor.members.get(place) !== processor.id
      if (!processor.givenUp && !isReplaced) present += 1
    }
    for (; present < conductor.members.size + options.spares; present += 1) this.#world.startProcessor()
  }

  #carry(candidate: SimulatedCandidate): CandidateCarrier {
    const { end, id } = candidate
    const { links } = this.#world
    const ports = candidatePorts(candidate, {
      links,
      tell: (to, message) => {
        const other = this.all[to - 1]!
        const event: CandidateEvent = { type: 'fromCandidate', from: id, message }
        if (other.alive) links.put(end, other.end, { type: 'news', event })
      },
      release: (effect) => {
        this.#watcher.noteLeaving(effect)
        links.put(end, 'watcher', { type: 'released', effect })
      },
      end: (outcome) => this.#end(candidate, outcome),
      took: (revision) => {
        if (revision > 1) this.takeOvers += 1
      },
      resigned: () => this.announce(candidate),
    })
    return carryCandidate(ports, this.#onlooker(candidate), this.#step)
  }

  #onlooker(candidate: SimulatedCandidate): Onlooker<CandidateEvent, CandidateEffect> {
    let isWatched = false
    return {
      comes: (event) => {
        this.#eyes.hosts?.comes(candidate.state.tenure?.core ?? null)
        isWatched = event.type === 'frame' && candidate.state.tenure?.core === this.#world.conductor
        if (isWatched) this.#eyes.comes(event as ConductorEvent)
      },
      saw: (event, effects) => {
        this.#world.events += 1
        this.#eyes.hosts?.saw(candidate.state.tenure?.core ?? null, event)
        if (isWatched) this.#eyes.saw(event as ConductorEvent)
        this.#checkBound(candidate)
        this.#eyes.observe?.(candidate.end, event, effects)
      },
      survives: () => {
        if (candidate.effectsLeft === 0 && this.isReplaceable(candidate)) this.crash(candidate, (packets) => packets)
        else if (candidate.effectsLeft) candidate.effectsLeft -= 1
        return candidate.alive
      },
      begins: (effect) => {
        // What one who conducted before still does, the disk refuses: it may have been cleared of that meanwhile.
        if (candidate === this.official) this.#eyes.did(effect)
      },
    }
  }

  /** C6 */
  #end({ end }: SimulatedCandidate, outcome: RunEnding): void {
    if (this.store.found.record?.outcome?.type !== outcome.type) {
      this.#say('TOLD BEFORE AGREED', `the outcome ${outcome.type}`)
    }
    this.#world.links.put(end, 'watcher', { type: 'ended', outcome })
  }

  /**
   * Ends a candidate at once; of what it has sent, each link delivers only what `surviving` says. Another one begins to
   * stand by.
   */
  crash(candidate: SimulatedCandidate, surviving: (packets: number) => number): void {
    const { links } = this.#world
    candidate.alive = false
    for (const link of links.from(candidate.end))
      links.replace(link, link.packets.slice(0, surviving(link.packets.length)))
    for (const link of links.to(candidate.end)) links.replace(link, [])
    for (const other of this.#othersOf(candidate)) links.put(candidate.end, other.end, { type: 'closed' })
    if (this.store.challenger === candidate.id) this.store.challenger = null
    this.#introduceTo(this.#create())
  }

  get isWatched(): boolean {
    return !this.#world.links.frozen.has('watcher')
  }

  /** The watcher leaves, or comes back. False: it is so already. */
  letWatch(isThere: boolean): boolean {
    const { frozen } = this.#world.links
    const isNews = frozen.has('watcher') === isThere
    if (isThere) frozen.delete('watcher')
    else frozen.add('watcher')
    this.clocks.wind()
    return isNews
  }

  /** False: it is so already. */
  freeze(candidate: SimulatedCandidate, isFrozen: boolean): boolean {
    const isNews = candidate.frozen !== isFrozen
    candidate.frozen = isFrozen
    if (isFrozen) this.#world.links.frozen.add(candidate.end)
    else this.#world.links.frozen.delete(candidate.end)
    this.hearAgain()
    return isNews
  }

  /** Somebody was frozen or cut off, or is no more. */
  hearAgain(): void {
    this.clocks.wind()
    this.crew.tellRest()
  }

  /** A standby believes that it does not hear the conductor. False: it is the conductor, or somebody asks already. */
  doubt(candidate: SimulatedCandidate): boolean {
    if (this.store.challenger !== null || candidate === this.official) return false
    this.handle(candidate, { type: 'conductorUnheard' })
    return true
  }

  /** Whoever proposes hears that nothing is known of what became of it. False: it proposes nothing. */
  loseAnswer({ state: { tenure }, end }: SimulatedCandidate): boolean {
    if (!tenure?.proposal) return false
    const { nonce } = tenure.proposal
    this.#world.links.put('store', end, { type: 'news', event: { type: 'unknown', nonce } })
    return true
  }

  #say(kind: Violation['kind'], detail: string): void {
    this.#world.violations.push({ kind, detail })
  }
}
