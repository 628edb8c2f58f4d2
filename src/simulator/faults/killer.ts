import type { Random } from '../../base/index.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { World } from '../world/world.ts'
import type { SimulatedFault } from './moves.ts'

/** Commits that a recovery decides are seen by one of them before the other. */
const difference = 1
const lossesMax = 10

/** A program that ends its processor each time it computes, and now and then the conductor beside it. */
export class Killer {
  readonly #random: Random
  readonly #rank: number
  /** The newest recovery after which it has struck. */
  #epoch = 0
  /** Losses in a row, with no commit in between, and how many commits there were. */
  #losses = 0
  #commits = 0

  constructor(random: Random, rank: number) {
    this.#random = random
    this.#rank = rank
  }

  /** What it does before the next action. */
  next(world: World): SimulatedFault[] {
    const { conductor, commits, candidates } = world
    const processor = world.holder(`a${this.#rank}`)
    const isComputing = conductor.phase === 'running' && processor?.host?.state.epoch === conductor.epoch
    if (!isComputing || conductor.epoch === this.#epoch || !processor.alive || this.#random.integer(1, 3) > 1) return []
    this.#epoch = conductor.epoch
    this.#losses = commits === this.#commits ? this.#losses + 1 : 1
    this.#commits = commits
    const own: SimulatedFault = { type: 'crash', processor: processor.id, arriving: [], accident: 'soon' }
    if (!candidates?.areWell || this.#random.integer(1, 3) > 1) return [own]
    return [own, { type: 'crashCandidate', candidate: candidates.official.id, arriving: [] }]
  }

  /** That it has struck too often, and the run goes on. */
  get violation(): Violation | null {
    if (this.#losses <= lossesMax + difference) return null
    return { kind: 'STUCK', detail: `a${this.#rank} was lost ${this.#losses} times in a row` }
  }

  /** Whether it was right to end the run for it. */
  get hasStruck(): boolean {
    return this.#losses >= lossesMax - difference
  }
}
