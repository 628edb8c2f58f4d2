/**
 * Schedules with few delays, for worlds with too many interleavings (Emmi, Qadeer, Rakamaric: "Delay-bounded
 * scheduling", POPL 2011). A scheduler says of every state which move is due. A delay holds up the task that is due, a
 * link or a kind of work of one processor (a step, work on its memory, shipping to one place), and the next best is due
 * instead. What is held up waits until nothing else can happen; then the one that has waited longest goes on. Faults are
 * no delays: each may strike at any moment.
 *
 * Why all schedules with at most d delays are seen: what can happen depends on the state of the world and on what is held
 * up, and both are the state here. The search takes all states that need no delay first, then those that need one, and
 * so on; when it meets a state again it has spent as many delays as before or more, so whatever it could do now, it could
 * do then. Enough delays make any schedule: whatever stands before a move can be held up. Nothing is missed that
 * a search without bound sees but what needs more delays.
 *
 * The order is that of a quick machine: what was sent arrives, then processors do their own work, and where nothing of
 * this is left the program that has come least far takes a step. It prefers lower ranks, so mirror images of a state may
 * not be taken as one. They need not be looked at either: what holds for a schedule holds for its mirror image.
 */
import { firstPacket, type NodeEntry, ownEvents } from './entries.ts'
import type { PackedState, ProgressMove, TaskNumber, Visit } from './move.ts'
import type { StateSpace } from './state-space.ts'

/** Above the numbers of all tasks: a step waits for all that is no step, and for programs that have come less far. */
const stepUrgency = 2 ** 16
/** Above those of all steps. */
const heldUrgency = 2 ** 32

export class Scheduler {
  readonly #space: StateSpace

  constructor(space: StateSpace) {
    this.#space = space
  }

  /** Every move that needs no delay: what is due, and faults. */
  forEach(state: PackedState, visit: Visit): void {
    const held = this.#space.held(state)
    const released = (gone: TaskNumber | null): Visit => {
      if (held.length === 0) return visit
      return (move, after, violation) => {
        this.#release(after, held, gone)
        visit(move, after, violation)
      }
    }
    const due = this.#due(state, held)
    if (due) this.#space.apply(state, due, released(this.#taskOf(state, due)))
    this.#space.forEachFault(state, released(null))
  }

  /** The state in which what is due is held up, behind all that is held up already; null: there is nothing else to do. */
  delay(state: PackedState): PackedState | null {
    const moves = this.#space.progress(state)
    if (moves.length < 2) return null
    const held = this.#space.held(state)
    const task = this.#taskOf(state, this.#due(state, held)!)
    const after = state.slice()
    this.#space.hold(after, [...held.filter((one) => one !== task), task])
    return after
  }

  #due(state: PackedState, held: readonly TaskNumber[]): ProgressMove | null {
    let due: ProgressMove | null = null
    let most = Number.POSITIVE_INFINITY
    for (const move of this.#space.progress(state)) {
      const place = held.indexOf(this.#taskOf(state, move))
      const urgency = place < 0 ? this.#urgencyOf(state, move) : heldUrgency + place
      if (urgency >= most) continue
      due = move
      most = urgency
    }
    return due
  }

  /** The less, the sooner. */
  #urgencyOf(state: PackedState, move: ProgressMove): number {
    const task = move.type === 'deliver' ? this.#taskOf(state, move) : this.#ownTask(move.processor, move.event)
    if (move.type !== 'own' || move.event !== ownEvents.endStep) return task
    const { host } = this.#node(state, move.processor).value
    const steps = host?.kind === 'application' ? host.journal.at : 0
    return stepUrgency * (1 + steps) + task
  }

  /** Links by their numbers, then own events; shipments by whom they go to, since those behind one that is made move up. */
  #taskOf(state: PackedState, move: ProgressMove): TaskNumber {
    if (move.type === 'deliver') return move.from * this.#space.layout.ends + move.to
    const { processor, event } = move
    if (event < ownEvents.firstShipment) return this.#ownTask(processor, event)
    const place = this.#node(state, processor).shipsTo[event - ownEvents.firstShipment]!
    return this.#ownTask(processor, ownEvents.firstShipment + place)
  }

  #ownTask(processor: number, event: number): TaskNumber {
    return this.#space.layout.ends ** 2 + processor * firstPacket + event
  }

  #node(state: PackedState, processor: number): NodeEntry {
    return this.#space.universe.nodes.entry(state[this.#space.layout.nodeSlot(processor)]!)
  }

  /** What has gone on is not held up any more, nor is what cannot happen any more. */
  #release(after: PackedState, held: readonly TaskNumber[], gone: TaskNumber | null): void {
    const possible = new Set(this.#space.progress(after).map((move) => this.#taskOf(after, move)))
    const isLeft = (task: TaskNumber): boolean => task !== gone && possible.has(task)
    this.#space.hold(after, held.filter(isLeft))
  }
}
