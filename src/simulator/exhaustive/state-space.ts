/**
 * States of a world and what can happen in each. A state is a row: conductor, the checkers' record, faults used, what is
 * held up (nothing, but in searches with few delays), what is on disk, one slot for each processor, one for each link. Slots
 * hold numbers of the universe.
 *
 * Reductions, each sound for every invariant that is checked:
 * E1: a frame of an epoch older than its receiver's is taken off its link at once. The receiver would drop it: it
 *     changes nothing there, sends nothing, and no later event makes it matter, since epochs only grow; it is asked
 *     whether it would (`old-frames.ts`). Only the conductor answers it, if the sender was given up: then that one is
 *     fenced, which the move `hear` does at any moment.
 * E2: what is sent to a crashed processor vanishes at once, for the same reason.
 * E3: a crash decides at once how much of each link arrives. Whether the rest is lost then or later is the same to
 *     everybody, since nobody takes it in between. Crashes between two effects of one event are among these: what the
 *     effects that were not carried out had sent is what a link loses.
 * E4: clearing and absorbing pages happens as soon as it is that work's turn: it touches one memory only, and is seen
 *     by nobody before the answered work that follows.
 * E5: who holds which place is learnt as soon as that is next on the conductor's link. It sends nothing and decides only
 *     where later frames go. It comes right behind `recover`, and before the plan nobody sends anything to a place that
 *     is missing, which is asserted here. A newcomer handles what came before its place in the order of arrival, so
 *     the state is the same whenever it is told. One that was given up and lives gets no `recover`; but what it sends is of
 *     an older epoch, and changes nothing wherever it goes.
 * E6: pages and the end behind them arrive together if both are there. Pages alone are not acted on: what reads how
 *     far a sender has come (`hurry`, completeness) answers the same between the two as before or behind both, and a
 *     recovery throws unfinished pages away. What is passed on of them in a chain is again just pages to its receiver.
 *     Where a crash takes the end, the pages do come alone.
 * E7: the conductor counts a report at once unless it is the last one. It sends nothing, and a further loss throws all
 *     reports away, counted or not. The same holds of `restored`, but only when no further loss can come.
 * E8: what is written to disk gets its name when all of it is durable, at once. Nobody reads it before, so how far it had
 *     come is decided when the power is cut: it may have come to any operation, and what was not durable is torn or lost in any
 *     way (`symbolic-disk.ts`). What a crashed processor was writing nobody ever asks for: its number is in no manifest.
 * E9: a machine that starts after a power cut fills its places in one order only and without a loss, as at the very start;
 *     how it comes from there to what it goes on from is explored.
 */
import { assert, unreachable } from '../../base/index.ts'
import type { Violation } from '../oracle/oracle.ts'
import { copy } from './copy.ts'
import { Disks } from './disks.ts'
import {
  type ConductorEntry,
  type DiskStep,
  firstPacket,
  type NodeEntry,
  ownEvents,
  type Transition,
} from './entries.ts'
import { conductorSlot, diskSlot, faultsSlot, heldSlot, recordSlot, StateLayout } from './layout.ts'
import type { FaultTally, PackedState, ProgressMove, StateMove, TaskNumber, Visit } from './move.ts'
import type { ConductorValue } from './node.ts'
import { OldFrames } from './old-frames.ts'
import { PossibleFaults } from './possible-faults.ts'
import { createDeadNode } from './processor-node.ts'
import { emptyDisk } from './symbolic-disk.ts'
import { InternTable } from './table.ts'
import { Universe, violationOf } from './universe.ts'
import type { ExhaustiveWorld } from './worlds.ts'

const noFaults: FaultTally = { crashes: 0, timeouts: 0, suspicions: 0, powerCuts: 0 }

/** V3: what is silent may come back, so where no code covers it, it is waited for. */
const endedInSilence: Violation = { kind: 'LOST', detail: 'the run ended though nobody was lost' }

export class StateSpace {
  readonly universe: Universe
  readonly world: ExhaustiveWorld
  readonly layout: StateLayout
  readonly disks: Disks
  readonly #struck: InternTable<FaultTally>
  readonly #faults: PossibleFaults
  readonly #oldFrames: OldFrames
  readonly #held: InternTable<readonly TaskNumber[]>
  readonly #dead: number
  readonly #empty: number
  readonly #closed: number
  readonly #fenced: number
  readonly #silent: number
  readonly #heard: number
  readonly #all: readonly number[]
  readonly #after: PackedState

  constructor(world: ExhaustiveWorld, isReduced: boolean) {
    this.world = world
    this.universe = new Universe(world, isReduced)
    this.layout = new StateLayout(this.universe.processors, world.symmetries)
    this.#struck = new InternTable(this.universe.symmetries)
    this.#held = new InternTable(this.universe.symmetries)
    this.#dead = this.universe.node(createDeadNode())
    this.#empty = this.universe.content([])
    this.#closed = this.universe.packet({ type: 'closed' })
    this.#silent = this.universe.packet({ type: 'silent' })
    this.#heard = this.universe.packet({ type: 'heard' })
    this.#fenced = this.universe.packet({ type: 'fenced' })
    this.#all = new Array<number>(this.layout.ends).fill(Number.POSITIVE_INFINITY)
    this.#after = new Int32Array(this.layout.width)
    this.disks = new Disks(this.universe, this.layout)
    this.#faults = new PossibleFaults(this)
    this.#oldFrames = new OldFrames(this.universe, this.layout)
  }

  get symmetries(): number {
    return this.universe.symmetries
  }

  /** The table that a slot's numbers belong to. */
  tableOf(slot: number): InternTable<unknown> {
    const { conductors, records, nodes, contents, disks } = this.universe
    const small = { faults: this.#struck, held: this.#held, disk: disks }
    const tables = { ...small, conductor: conductors, record: records, node: nodes, link: contents }
    return tables[this.layout.kindOf(slot)]
  }

  /** The machine as soon as every process computes; starting is no part of what is explored. */
  initial(): PackedState {
    const state = new Int32Array(this.layout.width)
    state[recordSlot] = this.universe.record([])
    state[faultsSlot] = this.#faultsNumber(noFaults)
    this.#switchOn(state, this.universe.disk(emptyDisk), new Map())
    const violation = this.#start(state, () => false)
    assert(violation === null, `the machine starts: ${violation?.detail}`)
    return state
  }

  /** Nobody holds a place yet, and nothing is on the links but that processors are ready. */
  #switchOn(state: PackedState, disk: number, releasedBefore: ConductorValue['released']): void {
    const { conductor, spare, ready, empty } = this.universe.initial(disk, releasedBefore)
    state.fill(empty, this.layout.firstLinkSlot)
    state[conductorSlot] = conductor
    state[diskSlot] = disk
    this.hold(state, [])
    for (let processor = 1; processor < this.layout.ends; processor += 1) {
      state[this.layout.nodeSlot(processor)] = spare
      state[this.layout.linkSlot(processor, 0)] = this.universe.append(empty, ready)
    }
  }

  /** The moves of a start, always the first that is no step of a program, until there is none or it is over. */
  #start(state: PackedState, isOver: () => boolean): Violation | null {
    while (!isOver()) {
      const move = this.progress(state).find((one) => one.type === 'deliver' || one.event !== ownEvents.endStep)
      if (!move) return null
      const violation = this.#perform(state, move)
      if (violation) return violation
    }
    return null
  }

  #faultsNumber(faults: FaultTally): number {
    return this.#struck.internText(Object.values(faults).join(' '), faults)
  }

  faults(state: PackedState): FaultTally {
    return this.#struck.entry(state[faultsSlot]!)
  }

  /** What is held up, the longest first. */
  held(state: PackedState): readonly TaskNumber[] {
    return this.#held.entry(state[heldSlot]!)
  }

  hold(state: PackedState, tasks: readonly TaskNumber[]): void {
    state[heldSlot] = this.#held.internText(tasks.join(), tasks)
  }

  /** How the run has ended, once it has. */
  outcome(state: PackedState): ConductorValue['outcome'] {
    return this.universe.conductors.entry(state[conductorSlot]!).value.outcome
  }

  /** Whether a move is none of the faults: a machine that waits for those only is stuck. */
  isProgress(move: StateMove): boolean {
    return move.type === 'deliver' || (move.type === 'own' && move.event !== ownEvents.timeout)
  }

  /** Every move that is possible. None after the run has ended. */
  forEach(state: PackedState, visit: Visit): void {
    for (const move of this.progress(state)) this.apply(state, move, visit)
    this.forEachFault(state, visit)
  }

  /** The possible moves that are no faults. */
  progress(state: PackedState): ProgressMove[] {
    const moves: ProgressMove[] = []
    if (this.#hasEnded(state)) return moves
    for (let from = 0; from < this.layout.ends; from += 1) {
      for (let to = 0; to < this.layout.ends; to += 1) {
        if (state[this.layout.linkSlot(from, to)] === this.#empty) continue
        if (from !== to || !this.#isAtWork(state, to)) moves.push({ type: 'deliver', from, to })
      }
    }
    for (let processor = 1; processor < this.layout.ends; processor += 1) {
      const { events } = this.universe.nodes.entry(state[this.layout.nodeSlot(processor)]!)
      for (const event of events) moves.push({ type: 'own', processor, event })
    }
    return moves
  }

  /** What was put to a memory before a file is read into it comes first. */
  #isAtWork(state: PackedState, end: number): boolean {
    return end > 0 && this.universe.nodes.entry(state[this.layout.nodeSlot(end)]!).events.includes(ownEvents.work)
  }

  /** Every fault that is possible. */
  forEachFault(state: PackedState, visit: Visit): void {
    if (!this.#hasEnded(state)) this.#faults.forEach(state, (move) => this.apply(state, move, visit))
  }

  #hasEnded(state: PackedState): boolean {
    return this.universe.conductors.entry(state[conductorSlot]!).phase === 'ended'
  }

  /** Makes one move that is possible. */
  apply(state: PackedState, move: StateMove, visit: Visit): void {
    const after = this.#after
    after.set(state)
    visit(move, after, this.#tryToPerform(after, move))
  }

  #tryToPerform(after: PackedState, move: StateMove): Violation | null {
    try {
      return this.#perform(after, move)
    } catch (error) {
      return violationOf(error)
    }
  }

  #perform(after: PackedState, move: StateMove): Violation | null {
    switch (move.type) {
      case 'deliver':
        return this.#deliver(after, move.from, move.to)
      case 'own': {
        if (move.event === ownEvents.timeout) this.#strike(after, 'timeouts')
        return this.#tellNode(after, move.processor, move.event)
      }
      case 'crash': {
        this.#strike(after, 'crashes')
        this.#end(after, move.processor, move.surviving)
        return null
      }
      case 'suspect': {
        this.#strike(after, 'suspicions')
        return this.#tellConductor(after, move.processor, this.#silent)
      }
      case 'hear':
        return this.#tellConductor(after, move.processor, this.#heard)
      case 'cutPower':
        this.#strike(after, 'powerCuts')
        return this.#cutPower(after, this.disks.afterPowerCuts(after)[move.outcome]!)
      default:
        return unreachable(move)
    }
  }

  #strike(after: PackedState, fault: keyof FaultTally): void {
    const struck = this.faults(after)
    after[faultsSlot] = this.#faultsNumber({ ...struck, [fault]: struck[fault] + 1 })
  }

  #deliver(after: PackedState, from: number, to: number): Violation | null {
    const slot = this.layout.linkSlot(from, to)
    const packet = this.#take(after, slot)
    if (from === to) return this.#useDisk(after, to, packet)
    if (to === 0) {
      const violation = this.#tellConductor(after, from, packet)
      this.#count(after, from)
      return violation
    }
    let violation = this.#tellNode(after, to, firstPacket + packet)
    // It stops itself. The machine makes a spare of it then, which nobody here is waiting for.
    if (packet === this.#fenced) this.#end(after, to, this.#all)
    // E6.
    if (this.universe.packets.entry(packet).kind === 'pages' && after[slot] !== this.#empty) {
      violation ??= this.#tellNode(after, to, firstPacket + this.#take(after, slot))
    }
    if (from === 0) this.#learnMembers(after, to)
    return violation
  }

  /** E8. */
  #useDisk(after: PackedState, end: number, packet: number): Violation | null {
    const answer = this.disks.answer(after, packet)
    const violation = this.disks.carryOut(after, packet)
    const told = end === 0 ? this.#tellConductor(after, 0, answer) : this.#tellNode(after, end, firstPacket + answer)
    return violation ?? told
  }

  /** E9. */
  #cutPower(after: PackedState, { next, violation }: DiskStep): Violation | null {
    const { conductors } = this.universe
    after[recordSlot] = this.universe.recordAnew(after[recordSlot]!)
    this.#switchOn(after, next, copy(conductors.entry(after[conductorSlot]!).value.released))
    return violation ?? this.#start(after, () => conductors.entry(after[conductorSlot]!).phase !== 'collecting')
  }

  #take(after: PackedState, slot: number): number {
    const packet = this.universe.first(after[slot]!)
    after[slot] = this.universe.rest(after[slot]!)
    return packet
  }

  /** E5. */
  #learnMembers(after: PackedState, processor: number): void {
    const { universe } = this
    const slot = this.layout.linkSlot(0, processor)
    while (after[slot] !== this.#empty && universe.packets.entry(universe.first(after[slot]!)).kind === 'membership') {
      this.#tellNode(after, processor, firstPacket + this.#take(after, slot))
    }
  }

  /** E7. */
  #count(after: PackedState, processor: number): void {
    const { universe } = this
    const slot = this.layout.linkSlot(processor, 0)
    while (after[slot] !== this.#empty) {
      const packet = universe.first(after[slot]!)
      const entry = universe.packets.entry(packet)
      if (entry.kind !== 'count' || entry.packet.type !== 'frame') return
      if (entry.packet.frame.type === 'restored' && this.#faults.mayLose(after)) return
      const { sent, violation, next } = universe.conductorTransition(after[conductorSlot]!, processor, packet)
      if (sent.length > 0 || violation) return
      after[conductorSlot] = next
      after[slot] = universe.rest(after[slot]!)
    }
  }

  #tellConductor(after: PackedState, processor: number, packet: number): Violation | null {
    const { universe } = this
    const before = after[conductorSlot]!
    const transition = universe.conductorTransition(before, processor, packet)
    after[conductorSlot] = transition.next
    const { epoch, value } = universe.conductors.entry(transition.next)
    const ending = value.outcome === 'uncovered' && packet !== this.#closed ? endedInSilence : null
    const violation = epoch > universe.conductors.entry(before).epoch ? this.#dropOld(after, 0, epoch) : null
    return this.#finish(after, 0, transition) ?? ending ?? violation
  }

  #tellNode(after: PackedState, processor: number, event: number): Violation | null {
    const { universe } = this
    const slot = this.layout.nodeSlot(processor)
    const before = after[slot]!
    const transition = universe.nodeTransition(before, event)
    after[slot] = transition.next
    const { epoch } = universe.nodes.entry(transition.next)
    const dropsOld = epoch > universe.nodes.entry(before).epoch && this.world.rules.checkEpoch
    const violation = dropsOld ? this.#dropOld(after, processor, epoch) : null
    return this.#finish(after, processor, transition) ?? violation
  }

  /** E1, of all links to a receiver. */
  #dropOld(after: PackedState, to: number, epoch: number): Violation | null {
    let violation: Violation | null = null
    for (let from = 0; from < this.layout.ends; from += 1) {
      const slot = this.layout.linkSlot(from, to)
      const fresh = after[slot] === this.#empty ? this.#empty : this.universe.since(after[slot]!, epoch)
      if (fresh === after[slot]) continue
      violation ??= this.#oldFrames.checkAll(after, from, to, epoch)
      after[slot] = fresh
    }
    return violation
  }

  #finish(after: PackedState, from: number, { sent, observations, violation }: Transition): Violation | null {
    let found = violation
    for (let index = 0; index < sent.length; index += 2) {
      const to = sent[index]! < 0 ? from : sent[index]!
      const wrong = this.#send(after, from, to, sent[index + 1]!)
      found ??= wrong
    }
    const { universe } = this
    const { holders } = universe.conductors.entry(after[conductorSlot]!)
    for (const observation of observations) {
      if (from === 0) {
        const wrong = this.disks.judge(after, observation)
        found ??= wrong
        continue
      }
      // What one that was given up captures may yet be in the parity. But nobody asks what it holds, or goes back to.
      if (!holders.includes(from) && !universe.isCapture(observation)) continue
      const noted = universe.recordTransition(after[recordSlot]!, observation)
      after[recordSlot] = noted.next
      found ??= noted.violation
    }
    return found
  }

  /** E1 and E2. */
  #send(after: PackedState, from: number, to: number, packet: number): Violation | null {
    const { universe, world } = this
    const { epoch, kind } = universe.packets.entry(packet)
    if (to === from) {
      // Who is told to write has nothing else to write any more.
      after[this.layout.linkSlot(from, to)] = universe.append(this.#empty, packet)
      return null
    }
    const conductor = universe.conductors.entry(after[conductorSlot]!)
    if (to === 0) {
      if (epoch < conductor.epoch) return this.#oldFrames.check(after, from, to, packet)
    } else {
      const node = universe.nodes.entry(after[this.layout.nodeSlot(to)]!)
      if (!node.alive) return null
      if (epoch < node.epoch && world.rules.checkEpoch) return this.#oldFrames.check(after, from, to, packet)
      if (from > 0) this.#assertPlanned(universe.nodes.entry(after[this.layout.nodeSlot(from)]!), node, conductor)
    }
    const slot = this.layout.linkSlot(from, to)
    after[slot] = universe.append(after[slot]!, packet)
    if (to === 0) this.#count(after, from)
    else if (kind === 'membership') this.#learnMembers(after, to)
    return null
  }

  /** What E5 rests on. */
  #assertPlanned(sender: NodeEntry, { place }: NodeEntry, { epoch, value }: ConductorEntry): void {
    if (sender.planned || sender.epoch < epoch || place === null) return
    assert(!value.state.missing.has(place), 'E5: before the plan nothing is sent to a place that is missing')
  }

  /** E2 and E3. `surviving`: how many packets of each link arrive. */
  #end(after: PackedState, processor: number, surviving: readonly number[]): void {
    after[this.layout.nodeSlot(processor)] = this.#dead
    for (let end = 0; end < this.layout.ends; end += 1) {
      const slot = this.layout.linkSlot(processor, end)
      after[slot] = this.universe.prefix(after[slot]!, surviving[end]!)
      after[this.layout.linkSlot(end, processor)] = this.#empty
    }
    const toConductor = this.layout.linkSlot(processor, 0)
    after[toConductor] = this.universe.append(after[toConductor]!, this.#closed)
  }
}
