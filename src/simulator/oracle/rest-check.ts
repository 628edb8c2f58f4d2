/**
 * O10: no program is said to wait for ever that goes on. The programs of random runs never do, so whenever their processes
 * are asked, one after another while everything goes on, two rounds of answers must not look like it.
 */
import { applicationPlace, type Rest, restOf, waitsForEver } from '../../protocol/index.ts'
import type { World } from '../world/world.ts'

export class RestCheck {
  readonly #world: World
  readonly #processes: number
  readonly #told: (answer: Rest) => Rest
  #answers: Rest[] = []
  #before: readonly Rest[] = []

  /** `told`: what becomes of an answer. */
  constructor(world: World, processes: number, told: (answer: Rest) => Rest = (answer) => answer) {
    this.#world = world
    this.#processes = processes
    this.#told = told
  }

  /** Asks the next process. Returns whether all answers together say that the program waits for ever. */
  askNext(): boolean {
    const host = this.#world.holder(applicationPlace(this.#answers.length))?.host
    if (host?.kind !== 'application') {
      this.#answers = []
      this.#before = []
      return false
    }
    this.#answers.push(this.#told(restOf(host.state)))
    if (this.#answers.length < this.#processes) return false
    const before = this.#before
    this.#before = this.#answers
    this.#answers = []
    return waitsForEver(before, this.#before)
  }
}
