/**
 * Breadth-first search over all states of a small world, on the production state machines; or over all that schedules
 * with few delays lead to.
 */
import type { Violation } from '../oracle/oracle.ts'
import { Checks } from './checks.ts'
import { ownEvents } from './entries.ts'
import { slotHigh, slotLow } from './hash.ts'
import { ReachHistory } from './history.ts'
import { Later } from './later.ts'
import type { PackedState, StateMove } from './move.ts'
import { Rounds } from './rounds.ts'
import { Rows } from './rows.ts'
import { Scheduler } from './scheduler.ts'
import { StateSpace } from './state-space.ts'
import type { InternTable } from './table.ts'
import { Visited } from './visited.ts'
import type { ExhaustiveWorld } from './worlds.ts'

export interface ExhaustiveOptions {
  /** Give up beyond this many states. */
  readonly statesMax?: number
  /** Give up before the tables of states need more than this. */
  readonly memoryBytesMax?: number
  /** Give up before the states of single processors, and what they lead to, need about this much of the heap. */
  readonly heapBytesMax?: number
  /** Only schedules with at most this many delays (see `scheduler.ts`). All if nothing is said. */
  readonly delays?: number
  /** Take states that differ by a symmetry of the world only as one; true by default. Never done with `delays`. */
  readonly symmetry?: boolean
  /** Told after each depth. */
  readonly onDepth?: (progress: ExhaustiveProgress) => void
}

export interface ExhaustiveProgress {
  /** What is explored now needs this many delays. */
  readonly delays: number
  readonly depth: number
  /** States of this depth. */
  readonly width: number
  readonly states: number
}

export interface CounterExample {
  readonly violation: Violation
  /** No fewer delays lead to it; 0 where they are not counted. */
  readonly delays: number
  /** The moves from the start, a shortest such sequence. */
  readonly moves: readonly StateMove[]
}

export interface ExhaustiveExploration {
  /** Distinct states, those that differ by a symmetry counted as one. */
  readonly states: number
  /** Moves made, that is states reached, again and again. */
  readonly moves: number
  /** The most moves from the start to any state, by the shortest way there. */
  readonly depth: number
  /** Runs that finished, and runs that ended with a loss that no code covers, as distinct states. */
  readonly finished: number
  readonly uncovered: number
  /** States after each number of delays, from 0 on, whose schedules were all seen to their end; null: all schedules were. */
  readonly statesByDelays: readonly number[] | null
  /** Every state within the delays was seen; false when a bound was reached or a violation ended the search. */
  readonly isComplete: boolean
  readonly counterExample: CounterExample | null
}

const defaults = { statesMax: 400_000_000, memoryBytesMax: 4 * 2 ** 30, heapBytesMax: 2 * 2 ** 30, symmetry: true }

const goesRound: Violation = { kind: 'STUCK', detail: 'what is due leads round in a circle, for ever' }

const isStep = (move: StateMove): boolean => move.type === 'own' && move.event === ownEvents.endStep

/** What one takes with its transitions, as measured in the world `triangle`. */
const localStateBytes = 6 * 2 ** 10

/** Explores a world until every state was seen, a violation is found, or a bound is reached. */
export function exploreExhaustively(world: ExhaustiveWorld, options: ExhaustiveOptions = {}): ExhaustiveExploration {
  return new Search(world, options).run()
}

class Search {
  readonly #options: ExhaustiveOptions & typeof defaults
  readonly #space: StateSpace
  readonly #scheduler: Scheduler | null
  readonly #checks: Checks
  readonly #visited = new Visited()
  readonly #history = new ReachHistory()
  /** Null where states are passed over that are broken otherwise than wanted, which have no numbers. */
  readonly #rounds: Rounds | null
  /** Hashes of slots: where each symmetry puts them. */
  readonly #images: readonly (readonly number[])[]
  readonly #tables: readonly InternTable<unknown>[]
  /** Row of a state: its slots, then two hash halves for each symmetry. */
  readonly #row: Int32Array
  readonly #state: PackedState
  readonly #after: Int32Array
  #current: Rows
  #next: Rows
  /** What one delay more leads to: in the delays under way, and in the next. */
  #held: Later
  #heldNext: Later
  readonly #statesByDelays: number[] = []
  #moves = 0
  /** Moves to what is explored now, and to what was explored so far at most. */
  #distance = 0
  #depth = 0
  #finished = 0
  #uncovered = 0
  #parent = 0
  /** What is due in the state that is being expanded, and the number of the state that it leads to. */
  #due: StateMove | null = null
  #dueState = 0
  #counterExample: CounterExample | null = null

  constructor(world: ExhaustiveWorld, options: ExhaustiveOptions) {
    this.#options = { ...defaults, ...options }
    const { delays, symmetry } = this.#options
    this.#space = new StateSpace(world, symmetry && delays === undefined)
    this.#scheduler = delays === undefined ? null : new Scheduler(this.#space)
    this.#checks = new Checks(this.#space)
    this.#rounds = world.wanted ? null : new Rounds()
    const { width } = this.#space.layout
    const { symmetries } = this.#space
    const slots = Array.from({ length: width }, (_, slot) => slot)
    this.#images = Array.from({ length: symmetries }, (_, symmetry) =>
      slots.map((slot) => this.#space.layout.imageOf(slot, symmetry)),
    )
    this.#tables = slots.map((slot) => this.#space.tableOf(slot))
    this.#row = new Int32Array(width + 2 * symmetries)
    this.#state = this.#row.subarray(0, width)
    this.#after = new Int32Array(this.#row.length)
    this.#current = new Rows(this.#row.length)
    this.#next = new Rows(this.#row.length)
    this.#held = new Later(this.#row.length)
    this.#heldNext = new Later(this.#row.length)
  }

  run(): ExhaustiveExploration {
    this.#begin()
    do this.#exploreLevel()
    while (this.#isEnded && this.#delayOnce())
    return {
      states: this.#visited.count,
      moves: this.#moves,
      depth: this.#depth,
      finished: this.#finished,
      uncovered: this.#uncovered,
      statesByDelays: this.#scheduler && this.#statesByDelays,
      isComplete: this.#isEnded,
      counterExample: this.#counterExample,
    }
  }

  /** All that the delays so far lead to. */
  #exploreLevel(): void {
    while (this.#current.count + this.#held.count > 0 && !this.#counterExample && !this.#isBounded) this.#expandAll()
    if (this.#isEnded) this.#statesByDelays.push(this.#visited.count)
  }

  get #isEnded(): boolean {
    return this.#current.count + this.#held.count === 0 && !this.#counterExample
  }

  /** Begins with what one delay more leads to; false: there is nothing, or no delay is left. */
  #delayOnce(): boolean {
    if (this.#heldNext.count === 0) return false
    this.#held = this.#heldNext
    this.#heldNext = new Later(this.#row.length)
    this.#distance = 0
    this.#takeHeld()
    return true
  }

  /** Adds to what is explored next what is as far from the start, and new. */
  #takeHeld(): void {
    this.#held.take(this.#distance, (row, parent) => {
      if (this.#addToVisited(row) >= 0) return
      this.#note(parent, null)
      this.#current.add(row)
    })
  }

  get #isBounded(): boolean {
    const { statesMax, memoryBytesMax, heapBytesMax } = this.#options
    if (this.#space.universe.localStates * localStateBytes > heapBytesMax) return true
    const visited = this.#visited.growsNext ? this.#visited.bytesAtGrowth : this.#visited.bytes
    const rows = [this.#current, this.#next, this.#held, this.#heldNext].reduce((sum, { bytes }) => sum + bytes, 0)
    const bytes = visited + this.#history.bytes + rows + (this.#rounds?.bytes ?? 0)
    return this.#visited.count >= statesMax || bytes > memoryBytesMax
  }

  #begin(): void {
    const { width } = this.#space.layout
    const { symmetries } = this.#space
    const row = new Int32Array(this.#row.length)
    row.set(this.#space.initial())
    for (let symmetry = 0; symmetry < symmetries; symmetry += 1) {
      for (let slot = 0; slot < width; slot += 1) this.#addSlot(row, symmetry, slot, row[slot]!)
    }
    this.#addToVisited(row)
    this.#current.add(row)
    this.#note(0, null)
  }

  /** The state that was added last: how it was reached. */
  #note(parent: number, move: StateMove | null): void {
    this.#history.add(parent, move)
    this.#rounds?.add()
  }

  /** Adds to the hash of one symmetry what a slot contributes, or takes it away again. */
  #addSlot(row: Int32Array, symmetry: number, slot: number, value: number): void {
    const table = this.#tables[slot]!
    const image = this.#images[symmetry]![slot]!
    const low = table.low(symmetry, value)
    const high = table.high(symmetry, value)
    const at = this.#space.layout.width + 2 * symmetry
    row[at] = row[at]! ^ slotLow(image, low, high)
    row[at + 1] = row[at + 1]! ^ slotHigh(image, low, high)
  }

  /**
   * The number under which the state or a mirror image of it was seen, or -1. The least of their hashes stands for them
   * all.
   */
  #addToVisited(row: Int32Array): number {
    const { width } = this.#space.layout
    const { symmetries } = this.#space
    let low = row[width]!
    let high = row[width + 1]!
    for (let symmetry = 1; symmetry < symmetries; symmetry += 1) {
      const otherLow = row[width + 2 * symmetry]!
      const otherHigh = row[width + 2 * symmetry + 1]!
      if (otherHigh > high || (otherHigh === high && otherLow >= low)) continue
      low = otherLow
      high = otherHigh
    }
    return this.#visited.add(low, high, this.#history.count)
  }

  #expandAll(): void {
    const first = this.#history.count - this.#current.count
    for (let index = 0; index < this.#current.count; index += 1) {
      this.#current.read(this.#row)
      this.#parent = first + index
      this.#expand()
      if (this.#counterExample || (index % 1024 === 0 && this.#isBounded)) return
    }
    this.#current = this.#next
    this.#next = new Rows(this.#row.length)
    this.#distance += 1
    this.#takeHeld()
    const width = this.#current.count
    if (width === 0) return
    this.#depth = Math.max(this.#depth, this.#distance)
    const delays = this.#delays
    this.#options.onDepth?.({ delays, depth: this.#distance, width, states: this.#visited.count })
  }

  /** What is explored now needs this many. */
  get #delays(): number {
    return this.#statesByDelays.length
  }

  #expand(): void {
    this.#due = null
    const moves = this.#scheduler ?? this.#space
    moves.forEach(this.#state, this.#visit)
    if (!this.#due) this.#endHere()
    else {
      if (this.#rounds?.close(this.#parent, this.#dueState)) this.#report(goesRound, this.#due)
      if (this.#delays < (this.#options.delays ?? 0)) this.#delay()
    }
  }

  /** What follows if that which is due is held up comes later. */
  #delay(): void {
    const after = this.#scheduler?.delay(this.#state)
    if (after) this.#heldNext.add(this.#successor(after), this.#parent, this.#distance)
  }

  #endHere(): void {
    const violation = this.#checks.checkLast(this.#state)
    if (violation) this.#report(violation, null)
    const outcome = this.#space.outcome(this.#state)
    if (outcome === 'finished') this.#finished += 1
    if (outcome === 'uncovered') this.#uncovered += 1
  }

  readonly #visit = (move: StateMove, after: PackedState, violation: Violation | null): void => {
    this.#moves += 1
    const isDue = this.#isDue(move)
    if (isDue) this.#due = move
    if (violation) {
      this.#report(violation, move)
      // What follows from a broken state shows nothing.
      return
    }
    const row = this.#successor(after)
    const known = this.#addToVisited(row)
    if (isDue) this.#dueState = known < 0 ? this.#history.count : known
    if (known >= 0) return
    const wrong = this.#checks.check(after)
    if (wrong) {
      this.#report(wrong, move)
      return
    }
    this.#note(this.#parent, move)
    this.#next.add(row)
  }

  /** Where the scheduler does not say what is due, it is what comes first, and steps of programs last. */
  #isDue(move: StateMove): boolean {
    if (!this.#space.isProgress(move)) return false
    return this.#due === null || (isStep(this.#due) && !isStep(move))
  }

  /** The row of `after`: where it differs from the state being expanded, its hashes do too. */
  #successor(after: PackedState): Int32Array {
    const { width } = this.#space.layout
    const { symmetries } = this.#space
    const [before, row] = [this.#row, this.#after]
    row.set(before)
    for (let slot = 0; slot < width; slot += 1) {
      const value = after[slot]!
      if (value === before[slot]) continue
      row[slot] = value
      for (let symmetry = 0; symmetry < symmetries; symmetry += 1) {
        this.#addSlot(row, symmetry, slot, before[slot]!)
        this.#addSlot(row, symmetry, slot, value)
      }
    }
    return row
  }

  #report(violation: Violation, move: StateMove | null): void {
    const { wanted } = this.#space.world
    if (this.#counterExample || (wanted && violation.kind !== wanted)) return
    const moves = this.#history.movesTo(this.#parent)
    this.#counterExample = { violation, delays: this.#delays, moves: move ? [...moves, move] : moves }
  }
}
