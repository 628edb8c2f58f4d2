import type { Random } from '../../base/index.ts'
import type { Candidates } from '../candidates/candidates.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { World } from '../world/world.ts'

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

  strike(world: World, candidates: Candidates): Violation | null {
    const { conductor, commits } = world
    const processor = world.holder(`a${this.#rank}`)
    const isComputing = conductor.phase === 'running' && processor?.host?.state.epoch === conductor.epoch
    if (!isComputing || conductor.epoch === this.#epoch || !processor.alive || this.#random.integer(1, 3) > 1)
      return null
    this.#epoch = conductor.epoch
    this.#losses = commits === this.#commits ? this.#losses + 1 : 1
    this.#commits = commits
    processor.accident = 'soon'
    world.crash(processor, () => 0)
    const { official, areWell } = candidates
    if (areWell && this.#random.integer(1, 3) === 1) candidates.crash(official, () => 0)
    const isForgotten = this.#losses > lossesMax + difference
    return isForgotten ? { kind: 'STUCK', detail: `a${this.#rank} was lost ${this.#losses} times in a row` } : null
  }

  /** Whether it was right to end the run for it. */
  get hasStruck(): boolean {
    return this.#losses >= lossesMax - difference
  }
}
