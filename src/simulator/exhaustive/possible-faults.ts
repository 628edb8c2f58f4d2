import { processorId } from '../../base/index.ts'
import type { Disks } from './disks.ts'
import { type ConductorEntry, type NodeEntry, ownEvents } from './entries.ts'
import { conductorSlot, type StateLayout } from './layout.ts'
import type { FaultTally, PackedState, StateMove } from './move.ts'
import type { ConductorValue } from './node.ts'
import type { Universe } from './universe.ts'
import type { ExhaustiveWorld } from './worlds.ts'

/** The states that they strike in. */
export interface Struck {
  readonly universe: Universe
  readonly world: ExhaustiveWorld
  readonly layout: StateLayout
  readonly disks: Disks
  faults(state: PackedState): FaultTally
}

/** Which faults may strike in a state, and whether any may yet be news to the conductor. */
export class PossibleFaults {
  readonly #space: Struck

  constructor(space: Struck) {
    this.#space = space
  }

  /** Of a run that goes on. */
  forEach(state: PackedState, tell: (move: StateMove) => void): void {
    const { timeouts, suspicions, powerCuts } = this.#space.faults(state)
    const { world } = this.#space
    if (timeouts < world.timeouts) this.#tellTimeouts(state, tell)
    if (this.#mayCrash(state)) this.#tellCrashes(state, tell)
    const cuts = powerCuts < (world.powerCuts ?? 0) ? this.#space.disks.afterPowerCuts(state).length : 0
    for (let outcome = 0; outcome < cuts; outcome += 1) tell({ type: 'cutPower', outcome })
    if (world.suspicions === undefined) return
    if (suspicions < world.suspicions) this.#tellSuspicions(state, tell)
    if (suspicions > 0) this.#tellSignsOfLife(state, tell)
  }

  #tellTimeouts(state: PackedState, tell: (move: StateMove) => void): void {
    for (let processor = 1; processor < this.#space.layout.ends; processor += 1) {
      if (this.#node(state, processor).canTimeOut) tell({ type: 'own', processor, event: ownEvents.timeout })
    }
  }

  #tellCrashes(state: PackedState, tell: (move: StateMove) => void): void {
    const { applications, checks } = this.#conductor(state)
    const { victims, crashesFromCheckpoint = 0 } = this.#space.world
    const isEarly = (processor: number): boolean =>
      processor > 0 && this.#node(state, processor).floor < crashesFromCheckpoint
    if (applications.some(isEarly)) return
    for (const processor of victims === 'checks' ? checks : [...applications, ...checks]) {
      if (processor === 0 || !this.#node(state, processor).alive) continue
      const surviving = new Array<number>(this.#space.layout.ends).fill(0)
      do tell({ type: 'crash', processor, surviving: [...surviving] })
      while (this.#nextChoice(state, processor, surviving))
    }
  }

  /** Counts through all lengths of what survives on each link; false after the last. */
  #nextChoice(state: PackedState, processor: number, surviving: number[]): boolean {
    for (let to = 0; to < this.#space.layout.ends; to += 1) {
      if (to !== processor && surviving[to]! < this.#waiting(state, processor, to)) {
        surviving[to] = surviving[to]! + 1
        return true
      }
      surviving[to] = 0
    }
    return false
  }

  /** Whoever holds a place may be taken for silent while it lives and works. */
  #tellSuspicions(state: PackedState, tell: (move: StateMove) => void): void {
    const { holders, value } = this.#conductor(state)
    for (const processor of holders) {
      if (!this.#node(state, processor).alive || this.#isSilent(value, processor)) continue
      tell({ type: 'suspect', processor })
    }
  }

  /** The conductor hears of one that it had given up, or has taken for silent. */
  #tellSignsOfLife(state: PackedState, tell: (move: StateMove) => void): void {
    const { holders, value } = this.#conductor(state)
    for (let processor = 1; processor < this.#space.layout.ends; processor += 1) {
      const { alive, place } = this.#node(state, processor)
      // One that is told to stop already, behind whatever else it is told, need not be told again.
      const isGivenUp = !holders.includes(processor) && place !== null && this.#waiting(state, 0, processor) === 0
      if (alive && (isGivenUp || this.#isSilent(value, processor))) tell({ type: 'hear', processor })
    }
  }

  #isSilent({ state }: ConductorValue, processor: number): boolean {
    return state.silent.has(processorId(processor))
  }

  /** The conductor may yet hear of a loss. */
  mayLose(state: PackedState): boolean {
    const { suspicions = 0 } = this.#space.world
    if (this.#space.faults(state).suspicions < suspicions || this.#conductor(state).value.state.silent.size > 0)
      return true
    return this.#mayCrash(state) || this.#isLossUnknown(state)
  }

  #mayCrash(state: PackedState): boolean {
    const { crashes } = this.#space.faults(state)
    const { crashes: crashesMax, onlyInterrupts } = this.#space.world
    if (crashes >= crashesMax) return false
    if (crashes === 0 || !onlyInterrupts) return true
    return this.#conductor(state).phase !== 'running' || this.#isLossUnknown(state)
  }

  /** The conductor has not heard of a crash yet. */
  #isLossUnknown(state: PackedState): boolean {
    for (let processor = 1; processor < this.#space.layout.ends; processor += 1) {
      if (!this.#node(state, processor).alive && this.#waiting(state, processor, 0) > 0) return true
    }
    return false
  }

  #conductor(state: PackedState): ConductorEntry {
    return this.#space.universe.conductors.entry(state[conductorSlot]!)
  }

  #node(state: PackedState, processor: number): NodeEntry {
    return this.#space.universe.nodes.entry(state[this.#space.layout.nodeSlot(processor)]!)
  }

  /** How many packets are on a link. */
  #waiting(state: PackedState, from: number, to: number): number {
    return this.#space.universe.contents.entry(state[this.#space.layout.linkSlot(from, to)]!).packets.length
  }
}
