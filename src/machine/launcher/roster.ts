import { type ProcessorId, processorId, type Rank } from '../../base/index.ts'
import { type ConductorState, type Place, placeName, rankOf } from '../../protocol/index.ts'
import type { Member, ToProcessor } from '../wire/control.ts'
import type { Crew, Hand } from './crew.ts'

/** Who holds which place: the conductor's members, joined with the processes behind them. */
export class Roster {
  readonly #conductor: ConductorState
  readonly #crew: Crew
  /** The latest holder of each place, also when it has been lost since. */
  readonly #latest = new Map<Place, ProcessorId>()

  constructor(conductor: ConductorState, crew: Crew) {
    this.#conductor = conductor
    this.#crew = crew
  }

  /**
   * Keeps as many processors as the machine has places and spares. In a recovery new spares wait for its end: the
   * starting of a process would take the time of those that rebuild. Returns whether it had to start any.
   */
  fill(spares: number): boolean {
    const { members, phase, begun } = this.#conductor
    const wanted = members.size + (phase === 'running' || !begun ? spares : 0)
    const present = this.#crew.living.filter(({ status }) => status === 'starting' || status === 'serving').length
    for (let count = present; count < wanted; count += 1) this.#crew.start()
    return present < wanted
  }

  assigned(place: Place, processor: ProcessorId): void {
    this.#latest.set(place, processor)
  }

  latestHolder(place: Place): ProcessorId {
    return this.#latest.get(place) ?? processorId(0)
  }

  placeOf(hand: Hand): Place | null {
    for (const [place, processor] of this.#conductor.members) if (processor === hand.id) return place
    return null
  }

  rankOf(hand: Hand): Rank | null {
    const place = this.placeOf(hand)
    return place === null ? null : rankOf(place)
  }

  /** What people call the processor. */
  nameOf(hand: Hand): string {
    if (hand.status === 'replaced') return 'replaced processor'
    const place = this.placeOf(hand)
    return place === null ? 'spare' : placeName(place)
  }

  holderOf(place: Place): Hand | null {
    const processor = this.#conductor.members.get(place)
    return processor ? this.#crew.find(processor) : null
  }

  /** False if a process has no processor, so that not all of them hear it. */
  tellProcesses(message: ToProcessor): boolean {
    const ranks = [...this.#conductor.members.keys()].filter((place) => rankOf(place) !== null)
    const holders = ranks.map((place) => this.holderOf(place))
    for (const hand of holders) hand?.send(message)
    return !holders.includes(null)
  }

  /** Tells everybody who holds what. */
  announce(): void {
    const members: Member[] = []
    for (const [place, processor] of this.#conductor.members) if (processor !== null) members.push({ place, processor })
    const { living } = this.#crew
    const message: ToProcessor = { type: 'members', members, pids: living.map(({ pid }) => pid) }
    for (const hand of living) hand.send(message)
  }

  /** Marks those that the conductor has given up while they were silent. */
  markReplaced(): void {
    const { members, spares, silent } = this.#conductor
    const kept = new Set([...members.values(), ...spares, ...silent])
    for (const hand of this.#crew.living) {
      if (hand.status === 'serving' && !kept.has(hand.id)) hand.status = 'replaced'
    }
  }
}
