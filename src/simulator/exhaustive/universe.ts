/**
 * The transitions of a world, each computed once by the production state machines and then looked up. A state of the
 * world is a row of numbers, one slot for each part: equal parts have equal numbers, and an event touches few slots.
 * This is exact: the state machines depend on nothing but their state and the event.
 */
import { assert, processorId } from '../../base/index.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { NodeContext } from './application-node.ts'
import { Checkpoints } from './checkpoints.ts'
import { createConductorValue, stepConductorValue } from './conductor-node.ts'
import { freeze } from './copy.ts'
import {
  type ConductorEntry,
  type ContentEntry,
  type DiskEntry,
  describeConductor,
  describeContent,
  describeNode,
  describePacket,
  firstPacket,
  type NodeEntry,
  ownEvents,
  type PacketEntry,
  type RecordEntry,
  type Transition,
  tokensAt,
} from './entries.ts'
import type {
  ConductorObservation,
  ConductorValue,
  DiskValue,
  News,
  NodeEvent,
  NodeValue,
  Observation,
  Reaction,
  SentPacket,
} from './node.ts'
import { createSpareNode, stepNode } from './processor-node.ts'
import { createRenaming, type MessageShape } from './renaming.ts'
import { storageOf } from './symbolic-disk.ts'
import { InternTable } from './table.ts'
import { checksOf, type ExhaustiveWorld, lossesMax } from './worlds.ts'

const packetsMax = 2 ** 24

export class Universe {
  readonly surroundings: NodeContext
  /** Processors, spares too. Processor 1 is at end 1; end 0 is the conductor. */
  readonly processors: number
  readonly symmetries: number
  readonly conductors: InternTable<ConductorEntry>
  readonly nodes: InternTable<NodeEntry>
  readonly packets: InternTable<PacketEntry>
  readonly contents: InternTable<ContentEntry>
  readonly records: InternTable<RecordEntry>
  readonly disks: InternTable<DiskEntry>
  readonly #observations: InternTable<Observation>

  constructor(world: ExhaustiveWorld, isReduced: boolean) {
    const processes = world.scripts.length
    const shape: MessageShape = {
      sendsMax: Math.max(1, ...world.scripts.map((script) => script.filter(({ type }) => type === 'send').length)),
      epochsMax: lossesMax(world) + 1,
    }
    const identity = world.scripts.map((_, rank) => rank)
    const images = [identity, ...(isReduced ? world.symmetries : [])]
    const checkpoints = new Checkpoints(images.map((image, number) => createRenaming(number, image, shape)))
    this.surroundings = { world, shape, checkpoints }
    this.processors = processes + checksOf(world) + lossesMax(world)
    this.symmetries = images.length
    this.conductors = new InternTable(this.symmetries)
    this.nodes = new InternTable(this.symmetries)
    this.packets = new InternTable(this.symmetries)
    this.contents = new InternTable(this.symmetries)
    this.records = new InternTable(this.symmetries)
    this.disks = new InternTable(this.symmetries)
    this.#observations = new InternTable(1)
  }

  #encode(symmetry: number, data: unknown): string {
    return this.surroundings.checkpoints.encoders[symmetry]!.encode(data)
  }

  /** Interns plain data, which its own text tells apart. */
  #intern<Entry>(table: InternTable<Entry>, data: unknown, make: () => Entry): number {
    const text = this.#encode(0, data)
    return table.intern(text, (symmetry) => (symmetry === 0 ? text : this.#encode(symmetry, data)), make)
  }

  node(value: NodeValue): number {
    return this.#intern(this.nodes, value, () => describeNode(value))
  }

  conductor(value: ConductorValue): number {
    return this.#intern(this.conductors, value, () => describeConductor(value))
  }

  packet(packet: News): number {
    return this.#intern(this.packets, packet, () => describePacket(freeze(packet)))
  }

  content(packets: readonly number[]): number {
    const textOf = (symmetry: number) => (packet: number) =>
      `${this.packets.low(symmetry, packet)}.${this.packets.high(symmetry, packet)}`
    return this.contents.intern(
      packets.join(),
      (symmetry) => packets.map(textOf(symmetry)).join(),
      () => describeContent(packets, (packet) => this.packets.entry(packet)),
    )
  }

  record(captures: RecordEntry['captures']): number {
    return this.#intern(this.records, new Set(captures), () => ({ captures, transitions: new Map() }))
  }

  disk(value: DiskValue): number {
    return this.#intern(this.disks, value, () => ({ value, steps: new Map(), cuts: new Map() }))
  }

  /** Distinct states of processors and the conductor, each by itself. */
  get localStates(): number {
    return this.nodes.entries.length + this.conductors.entries.length
  }

  /** The numbers with which a world begins, or begins anew from a disk: nothing has started. */
  initial(disk: number, released: ConductorValue['released'] = new Map()) {
    const { world } = this.surroundings
    const storage = world.storage ? storageOf(this.disks.entry(disk).value) : null
    return {
      conductor: this.conductor(createConductorValue(world, storage, released)),
      spare: this.node(createSpareNode()),
      ready: this.packet({ type: 'ready', host: null }),
      empty: this.content([]),
    }
  }

  /** What an event of a processor does: its own event, or `firstPacket` and the number of a packet. */
  nodeTransition(node: number, event: number): Transition {
    const { value, transitions } = this.nodes.entry(node)
    const known = transitions.get(event)
    if (known) return known
    const made = this.#guarded(node, () => {
      const { value: next, reaction } = stepNode(this.surroundings, value, this.nodeEvent(event), false)
      return { next: this.node(next), reaction }
    })
    transitions.set(event, made)
    return made
  }

  nodeEvent(event: number): NodeEvent {
    if (event >= firstPacket) return { type: 'deliver', packet: this.packets.entry(event - firstPacket).packet }
    switch (event) {
      case ownEvents.endStep:
        return { type: 'endStep' }
      case ownEvents.timeout:
        return { type: 'timeout' }
      case ownEvents.work:
        return { type: 'work' }
      default:
        return { type: 'ship', index: event - ownEvents.firstShipment }
    }
  }

  conductorTransition(conductor: number, processor: number, packet: number): Transition {
    assert(packet < packetsMax, 'packets can be numbered')
    const { value, transitions } = this.conductors.entry(conductor)
    const key = processor * packetsMax + packet
    const known = transitions.get(key)
    if (known) return known
    const made = this.#guarded(conductor, () => {
      const { value: next, reaction } = this.stepConductor(value, processor, packet, false)
      return { next: this.conductor(next), reaction }
    })
    transitions.set(key, made)
    return made
  }

  stepConductor(value: ConductorValue, processor: number, packet: number, traced: boolean) {
    const processors = Array.from({ length: this.processors }, (_, index) => processorId(index + 1))
    const { canary } = this.surroundings.world
    const news = this.packets.entry(packet).packet
    return stepConductorValue(value, processorId(processor), news, { processors, canary }, traced)
  }

  /** What breaks in a step of the protocol, an assertion or anything else, is a violation like any other. */
  #guarded(before: number, step: () => { readonly next: number; readonly reaction: Reaction }): Transition {
    try {
      const { next, reaction } = step()
      return {
        next,
        sent: reaction.sent.flatMap(({ to, packet }) => [numberOf(to), this.packet(packet)]),
        observations: reaction.observations.map((one) => this.#observation(one)),
        violation: reaction.violations[0] ?? null,
      }
    } catch (error) {
      return { next: before, sent: [], observations: [], violation: violationOf(error) }
    }
  }

  #observation(observation: Observation): number {
    return this.#intern(this.#observations, observation, () => observation)
  }

  isCapture(observation: number): boolean {
    return this.#observations.entry(observation).type === 'captured'
  }

  conducted(observation: number): ConductorObservation {
    const seen = this.#observations.entry(observation)
    assert(seen.type === 'conducted', 'the conductor has done it')
    return seen
  }

  /** A record of a machine that a power cut has ended: epochs begin again. */
  recordAnew(record: number): number {
    return this.record(this.records.entry(record).captures.map((seen) => ({ ...seen, epoch: 0 })))
  }

  /** What the checkers make of an observation of a processor. */
  recordTransition(
    record: number,
    observation: number,
  ): { readonly next: number; readonly violation: Violation | null } {
    const entry = this.records.entry(record)
    const known = entry.transitions.get(observation)
    if (known) return known
    const made = this.#note(record, entry, this.#observations.entry(observation))
    entry.transitions.set(observation, made)
    return made
  }

  #note(record: number, entry: RecordEntry, seen: Observation) {
    switch (seen.type) {
      case 'captured': {
        // One that was given up may go on to capture, which nobody asks for any more.
        const isOlder = entry.captures.some(({ rank, epoch }) => rank === seen.rank && epoch > seen.epoch)
        if (isOlder) return { next: record, violation: null }
        // Nobody goes back further than to the checkpoint before, but to what may be on the disk.
        const oldest = this.surroundings.world.storage === 'beside' ? 1 : seen.number - 1
        const isKept = (number: number): boolean => number >= oldest && number < seen.number
        const kept = entry.captures.filter(({ rank, number }) => rank !== seen.rank || isKept(number))
        return { next: this.record([...kept, seen]), violation: null }
      }
      case 'restored': {
        const captured = entry.captures.filter(({ rank }) => rank === seen.rank)
        const expected = tokensAt({ ...entry, captures: captured }, seen.number)
        const detail = `a${seen.rank} at checkpoint ${seen.number}`
        return { next: record, violation: sameSets(seen.tokens, expected) ? null : wrong('WRONG MEMORY', detail) }
      }
      case 'conducted':
        throw new Error('what the conductor does is for the disk to judge')
      default: {
        const detail = `${seen.place} at checkpoint ${seen.number}`
        const isRight = sameSets(seen.tokens, tokensAt(entry, seen.number))
        return { next: record, violation: isRight ? null : wrong('WRONG PARITY', detail) }
      }
    }
  }

  /** A link without its first packet. */
  rest(content: number): number {
    const entry = this.contents.entry(content)
    if (entry.rest < 0) entry.rest = this.content(entry.packets.slice(1))
    return entry.rest
  }

  append(content: number, packet: number): number {
    const { appended, packets } = this.contents.entry(content)
    let longer = appended.get(packet)
    if (longer === undefined) {
      longer = this.content([...packets, packet])
      appended.set(packet, longer)
    }
    return longer
  }

  /** A link without frames of epochs before `epoch`. */
  since(content: number, epoch: number): number {
    const { since, packets } = this.contents.entry(content)
    let fresh = since.get(epoch)
    if (fresh === undefined) {
      fresh = this.content(packets.filter((packet) => this.packets.entry(packet).epoch >= epoch))
      since.set(epoch, fresh)
    }
    return fresh
  }

  first(content: number): number {
    return this.contents.entry(content).packets[0]!
  }

  /** The first packets of a link, the others are lost. */
  prefix(content: number, length: number): number {
    return this.content(this.contents.entry(content).packets.slice(0, length))
  }
}

const numberOf = (to: SentPacket['to']): number => (to === 'disk' ? -1 : typeof to === 'string' ? 0 : to)

/** Something was thrown. Told as a violation, it comes with the moves that lead to it. */
export function violationOf(error: unknown): Violation {
  return wrong('ASSERTION', error instanceof Error ? error.message : String(error))
}

function wrong(kind: Violation['kind'], detail: string): Violation {
  return { kind, detail }
}

function sameSets(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((one) => right.includes(one))
}
