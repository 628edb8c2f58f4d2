/**
 * A machine in one thread: the state machines of the protocol with real bytes, and between them links that deliver
 * when they are told to. The world decides nothing by itself: whoever drives it, a scenario or a random scheduler,
 * picks one enabled action after the other. Virtual time is the number of actions.
 */
import { assert, type Epoch, type ProcessorId, processorId, type Random } from '../../base/index.ts'
import { type ConductorCarrier, carryConductor } from '../../carrier/index.ts'
import { logRules } from '../../log/index.ts'
import { type ErasureCode, portableKernels, reedSolomonCode } from '../../parity/index.ts'
import { arrangeSpares } from '../../placement/index.ts'
import {
  type CandidateEffect,
  type ConductorEffect,
  type ConductorEvent,
  type ConductorOptions,
  type ConductorState,
  createConductor,
  defaultRules,
  type Frame,
  type Place,
  type Rules,
  rankOf,
  stepConductor,
} from '../../protocol/index.ts'
import { stepAround } from '../canaries/canary.ts'
import { Candidates } from '../candidates/candidates.ts'
import { SimulatedDisk } from '../disk/disk.ts'
import { SimulatedHosts } from '../hosts/hosts.ts'
import type { DiskDeeds } from '../oracle/disk-check.ts'
import { HostCheck } from '../oracle/host-check.ts'
import type { LiveProcess, Violation } from '../oracle/oracle.ts'
import { Watch } from '../oracle/watch.ts'
import { type Action, Actions, isTimer } from './actions.ts'
import { ApplicationHost } from './application-host.ts'
import { CheckHost } from './check-host.ts'
import { conductorPorts } from './conductor-ports.ts'
import type { Port, Shipping } from './host.ts'
import { type End, Links, type Packet, type Partition, type SimulatedLink } from './links.ts'
import { Names } from './names.ts'
import type { RunEnding, WorldOptions } from './options.ts'
import { Orders } from './orders.ts'
import type { SimulatedProgram } from './process.ts'
import { applicationOf, createSpare, lossOf, type SimulatedProcessor } from './processor.ts'
import { runStep } from './run-step.ts'

export type { Action } from './actions.ts'
export type { RunEnding, WorldEffect, WorldEvent, WorldOptions } from './options.ts'

const noClocks = [] as const

export class World {
  readonly options: WorldOptions
  /** Null under the schemes `none` and `disk`. */
  readonly code: ErasureCode | null
  /** Null: nothing is written to disk. */
  readonly disk: SimulatedDisk | null
  /** Another one after a power cut. */
  conductor: ConductorState
  readonly links: Links
  readonly processors: SimulatedProcessor[] = []
  /** Those of them that have not ended, in the order in which they were started. */
  readonly #living: SimulatedProcessor[] = []
  readonly violations: Violation[] = []
  /** How the run ended, once it has. */
  outcome: RunEnding | null = null
  #recoveriesBefore = 0
  /** Actions so far. */
  time = 0
  /** Events that state machines have handled so far. */
  events = 0
  readonly names: Names
  readonly #watch: Watch
  readonly #actions: Actions
  readonly #orders: Orders
  #conducting: ConductorCarrier
  /** Null: there is one conductor, and it is never lost. */
  readonly candidates: Candidates | null
  /** Null: all are on one computer. */
  readonly hosts: SimulatedHosts | null
  readonly #hostCheck: HostCheck | null

  constructor(options: WorldOptions) {
    this.options = options
    this.links = new Links(options.channels ?? null)
    this.code = options.code === undefined ? reedSolomonCode(options.processes, 1) : options.code
    this.disk = options.storage ? new SimulatedDisk(options.storage) : null
    this.#actions = new Actions(this.links, this.processors, this.#living, this.disk)
    this.conductor = this.#createConductor()
    this.#orders = new Orders(this.#living, (to, _, packet) => this.links.put('conductor', to, packet))
    this.names = new Names(options.repeatsIds ?? false)
    this.#watch = new Watch(this, {
      processes: options.processes,
      code: this.code,
      disk: this.disk,
      rules: logRules(this.#rules.log),
      // The paper's own rules promise no such bound.
      isUnbounded: options.canary?.isUnbounded === true || this.#rules.log === 'literal',
      hasCandidates: options.candidates !== undefined,
      nameOf: (id) => this.names.of(id),
      report: (violation) => this.violations.push(violation),
    })
    this.hosts = options.hosts ? new SimulatedHosts(options.hosts, this, this.#living) : null
    const hostOf = (id: ProcessorId): string => this.processor(id).on ?? ''
    this.#hostCheck = options.hosts ? new HostCheck(this.code, hostOf, (one) => this.violations.push(one)) : null
    this.#conducting = this.#conduct()
    this.candidates = options.candidates ? this.#gatherCandidates(options.candidates) : null
    this.#startAll()
  }

  #gatherCandidates(count: number): Candidates {
    const onlooker = {
      comes: (event: ConductorEvent) => this.#watch.comesToConductor(event),
      saw: (event: ConductorEvent) => this.#watch.conductorSaw(event, []),
      observe: this.options.observe,
      released: (effect: Extract<ConductorEffect, { type: 'output' }>) => this.#watch.released(effect),
      did: (effect: CandidateEffect) => this.#watch.conductorDid(effect),
      hosts: this.#hostCheck,
    }
    return new Candidates(this, this.#living, this.#conductorOptions, count, this.options.canary, onlooker)
  }

  #conduct(): ConductorCarrier {
    const onlooker = {
      comes: (event: ConductorEvent) => {
        this.#hostCheck?.comes(this.conductor)
        this.#watch.comesToConductor(event)
      },
      saw: (event: ConductorEvent, effects: readonly ConductorEffect[]) => {
        this.events += 1
        this.#hostCheck?.saw(this.conductor, event)
        this.#watch.conductorSaw(event, effects)
        this.options.observe?.('conductor', event, effects)
      },
    }
    const ports = conductorPorts(this, this.#orders, (effect) => this.#watch.released(effect))
    return carryConductor(ports, onlooker, stepAround(this.options.canary?.conductor, stepConductor))
  }

  #createConductor(): ConductorState {
    return createConductor(this.#conductorOptions)
  }

  get #conductorOptions(): ConductorOptions {
    const { processes, hosts } = this.options
    const storage = this.disk?.options ?? null
    return { processes, code: this.code, storage, ...(hosts ? { arrange: arrangeSpares } : {}) }
  }

  #startAll(): void {
    const count = this.conductor.members.size + this.options.spares
    const hosts = this.hosts?.next(count) ?? []
    for (let started = 0; started < count; started += 1) this.startProcessor(hosts[started])
  }

  /** The whole machine loses its power, and is started anew on what its disk holds. */
  cutPower(random: Random): void {
    assert(this.disk !== null, 'only what is on a disk survives a power cut')
    for (const processor of this.#living.splice(0)) processor.alive = false
    for (const link of this.links.all) this.links.end(link, [])
    this.divide(null)
    this.hosts?.reset()
    this.#orders.holders.clear()
    this.#recoveriesBefore = this.recoveries
    this.disk.cutPower(random)
    this.conductor = this.#createConductor()
    this.#conducting = this.#conduct()
    this.#watch.powerWasCut()
    this.#startAll()
  }

  /** From losses and failures, so far. */
  get recoveries(): number {
    return this.#recoveriesBefore + this.conductor.epoch - 1
  }

  get #rules(): Rules {
    return { ...(this.options.rules ?? defaultRules), ...this.options.canary?.rules }
  }

  /** Starts one more spare processor, as a launcher does after a loss. `on`: a host; where it is of most use by default. */
  startProcessor(on = this.hosts?.next(1)[0]): SimulatedProcessor {
    const id = processorId(this.processors.length + 1)
    const processor = createSpare(id, on ?? null)
    this.processors.push(processor)
    this.#living.push(processor)
    for (const end of this.#conductorEnds) this.links.put(id, end, { type: 'ready', host: processor.on })
    return processor
  }

  /** The processor that holds `place` as the conductor sees it, or null. */
  holder(place: Place): SimulatedProcessor | null {
    const id = this.conductor.members.get(place)
    return id === undefined || id === null ? null : this.processor(id)
  }

  processor(id: ProcessorId): SimulatedProcessor {
    const processor = this.processors[id - 1]
    assert(processor !== undefined, 'the processor was started')
    return processor
  }

  /** The name of a processor in traces: its place, or what it is. */
  nameOfProcessor({ host, id }: SimulatedProcessor): string {
    if (!host) return `spare ${id}`
    const { place } = host.state
    return this.conductor.members.get(place) === id ? place : `old ${place}`
  }

  /** Everything that can happen next, in a stable order; the list is good up to the next call. */
  actions(): readonly Action[] {
    const clocks = this.candidates?.clocks.possible() ?? noClocks
    return this.#actions.possible(this.hosts ? [...this.hosts.possible(), ...clocks] : clocks)
  }

  perform(action: Action): void {
    this.time += 1
    if (this.candidates && !isTimer(action)) this.candidates.clocks.wind()
    switch (action.type) {
      case 'deliver':
        this.#deliver(action.link)
        break
      case 'workOnMemory':
        applicationOf(action.processor).workOnMemory()
        break
      case 'ship':
        this.#ship(action.processor, action.shipment)
        break
      case 'endStep':
        this.endStep(action.processor, this.options.program)
        break
      case 'timeout':
        applicationOf(action.processor).passTimeout()
        break
      case 'leave':
        this.crash(action.processor, (packets) => packets)
        break
      case 'writeFile':
        applicationOf(action.processor).writeFile()
        break
      case 'readFile':
        applicationOf(action.processor).readFile()
        break
      case 'writeManifest':
        this.#writeManifest()
        break
      case 'tellSilent':
        this.#tellSilent(action.processor)
        break
      case 'tellHostLost':
      case 'tellHostSilent':
      case 'tellHostHeard':
        this.hosts?.tell(action)
        break
      case 'tellHeard':
        action.processor.isSilent = false
        this.tellConductor({ type: 'heard', processor: action.processor.id })
        break
      default:
        this.candidates?.clocks.pass(action)
    }
    this.#watch.checkNow()
  }

  #writeManifest(): void {
    const answer = this.disk?.manifests.write()
    if (!answer) return
    if (this.candidates) this.candidates.disk?.answer(answer)
    else this.tellConductor(answer)
  }

  /** One that is not ready yet holds nothing that could be waited for: the machine ends it. */
  #tellSilent(processor: SimulatedProcessor): void {
    if (this.isStarting(processor)) {
      this.crash(processor, () => 0)
      return
    }
    processor.isSilent = true
    this.tellConductor({ type: 'silent', processor: processor.id })
  }

  /** It is ended when it is not heard; where the conductor may be lost, so are spares. */
  isStarting({ id, host }: SimulatedProcessor): boolean {
    const { packets } = this.links.between(id, 'conductor')
    return this.candidates ? host === null : packets.some(({ type }) => type === 'ready')
  }

  /** Ends the step of a processor's process, which was to do `program`. */
  endStep(processor: SimulatedProcessor, program: SimulatedProgram): void {
    const host = applicationOf(processor)
    const { choose } = this.options
    host.endStep(runStep(host, program, { choose, nextId: (tag) => this.names.idFor(tag) }))
  }

  /** Commits that checkpoint processors have decided, in recoveries too. */
  get commits(): number {
    return this.#watch.commits
  }

  /** What became of checkpoints on disk so far. */
  get onDisk(): DiskDeeds {
    return this.#watch.onDisk
  }

  tellConductor(event: ConductorEvent): void {
    if (this.candidates) this.candidates.crew.tellAll(event)
    else this.#conducting.dispatch(event)
  }

  get #conductorEnds(): readonly End[] {
    return this.candidates?.ends ?? ['conductor']
  }

  /**
   * Ends a processor at once. Of what it has sent and nobody has taken yet, each link delivers only what `surviving`
   * says; then the conductor's end of its link closes. `withHost`: no link closes, and nothing more comes to the conductor.
   */
  crash(processor: SimulatedProcessor, surviving: (packets: number) => number, withHost = false): void {
    if (!processor.alive) return
    processor.alive = false
    this.#living.splice(this.#living.indexOf(processor), 1)
    for (const link of this.links.from(processor.id)) {
      const left = surviving(link.packets.length)
      this.links.end(link, withHost && typeof link.to === 'string' ? [] : link.packets.slice(0, left))
    }
    for (const link of this.links.to(processor.id)) this.links.replace(link, [])
    if (withHost) return
    const { accident } = processor
    for (const end of this.#conductorEnds) this.links.put(processor.id, end, { type: 'closed', accident })
  }

  /** Some processors and the rest stop hearing each other; null: they do again. */
  divide(partition: Partition | null): void {
    this.links.partition = partition
    for (const processor of this.processors) processor.cutOff = this.links.isCut(processor.id, 'conductor')
    this.candidates?.hearAgain()
  }

  #ship(processor: SimulatedProcessor, shipment: Shipping): void {
    const { host } = processor
    if (!host) return
    const next = shipment.frames.next()
    if (next.done) host.shipments = host.shipments.filter((one) => one !== shipment)
    else this.#send(processor, shipment.to, shipment.epoch, next.value)
  }

  #send(processor: SimulatedProcessor, to: Place, epoch: Epoch, frame: Frame): void {
    const from = processor.host?.state.place
    const target = to === 'conductor' ? processor.follows : processor.members.get(to)
    if (from && target !== undefined) this.links.put(processor.id, target, { type: 'frame', epoch, from, frame })
  }

  #deliver(link: SimulatedLink): void {
    const packet = this.links.take(link)
    if (!packet) return
    if (link.to === 'conductor') this.#deliverToConductor(link, packet)
    else if (typeof link.to === 'string') this.candidates?.deliver(link, packet)
    else if (this.processor(link.to).alive) this.#deliverToProcessor(this.processor(link.to), packet, link.from)
  }

  #deliverToConductor({ from }: SimulatedLink, packet: Packet): void {
    assert(typeof from === 'number', 'processors have links to the conductor')
    if (packet.type === 'frame') this.tellConductor({ ...packet, processor: from })
    else if (packet.type === 'ready') this.tellConductor({ type: 'ready', processor: from, host: packet.host })
    else this.#noteClosed(this.processor(from))
  }

  #noteClosed(processor: SimulatedProcessor): void {
    const { id, host } = processor
    const holdsPlace = [...this.conductor.members.values()].includes(id)
    this.tellConductor(lossOf(processor))
    // For whoever held a place, another is started when the recovery begins.
    if (this.options.respawns && host === null && !holdsPlace) this.startProcessor()
  }

  #deliverToProcessor(processor: SimulatedProcessor, packet: Packet, from: End): void {
    switch (packet.type) {
      case 'frame':
        if (processor.host) processor.host.handle(packet)
        else processor.early.push(packet)
        return
      case 'assigned':
        for (const [place, holder] of packet.members) processor.members.set(place, holder)
        // It may be told again by who takes over.
        processor.host ??= this.#createHost(processor, packet.place, packet.epoch)
        for (const early of processor.early.splice(0)) processor.host.handle(early)
        return
      case 'member':
        processor.members.set(packet.place, packet.processor)
        return
      case 'fenced':
        processor.host?.handle({ type: 'fenced' })
        // It stops itself and starts anew as a spare.
        this.crash(processor, (packets) => packets)
        this.startProcessor()
        return
      case 'introduced':
        for (const [place, holder] of packet.members) processor.members.set(place, holder)
        if (!processor.host) this.links.put(processor.id, from, { type: 'ready', host: processor.on })
        return
      case 'order':
        if (this.candidates?.obeys(processor, packet.epoch, from))
          this.#deliverToProcessor(processor, packet.order, from)
        return
      default:
        throw new Error(`a processor got what is for the conductor: ${packet.type}`)
    }
  }

  #createHost(processor: SimulatedProcessor, place: Place, epoch: Epoch): ApplicationHost | CheckHost {
    const { processes, logBytesMax = 2 ** 20, pageSizeBytes = 64, kernels = portableKernels, canary } = this.options
    const rules = this.#rules
    const rank = rankOf(place)
    const port = this.#portOf(processor)
    if (rank === null) {
      assert(this.code !== null, 'there are check processors where there is a code')
      return new CheckHost(place, epoch, { code: this.code, rules, kernels, pageSizeBytes, canary }, port)
    }
    const { code, disk } = this
    const options = { rank, processes, code, rules, logBytesMax, kernels, pageSizeBytes, canary, disk }
    return new ApplicationHost(epoch, options, port)
  }

  #portOf(processor: SimulatedProcessor): Port {
    return {
      send: (to, epoch, frame) => this.#send(processor, to, epoch, frame),
      survives: () => {
        if (processor.effectsLeft === 0) this.crash(processor, (packets) => packets)
        else if (processor.effectsLeft !== null) processor.effectsLeft -= 1
        return processor.alive
      },
      comes: (event) => this.#watch.comes(processor, event),
      saw: (event, effects) => {
        this.events += 1
        this.options.observe?.(this.nameOfProcessor(processor), event, effects)
        this.#watch.saw(processor, event, effects)
      },
      did: (effect) => this.#watch.did(processor, effect),
    }
  }

  /** The processes as they are now, or null while not all of them compute in the conductor's epoch. */
  live(): LiveProcess[] | null {
    return this.#watch.live()
  }

  /** To be called when the run has ended well. */
  checkFinished(): void {
    this.#watch.checkFinished()
  }
}
