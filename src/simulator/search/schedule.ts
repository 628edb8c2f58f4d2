/**
 * Who is fast and who is slow in a random run: evenly mixed runs all look alike, so every link and every kind of action
 * has a weight of its own. Now and then a link, or everything that touches a processor, stands still for a while.
 */
import type { Random } from '../../base/index.ts'
import { clockTypes } from '../candidates/clocks.ts'
import type { End, SimulatedLink } from '../world/links.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import type { Action, World } from '../world/world.ts'

export interface Tempo {
  /** The weights that links and kinds of action draw from. */
  readonly weights: readonly number[]
  readonly timeoutWeights: readonly number[]
  /** Out of ten thousand actions, how many are preceded by a standstill, and how many actions that lasts at most. */
  readonly standstills: number
  readonly standstillMax: number
  /** The rank whose processor takes hardly anything; null: none. */
  readonly slowest: number | null
}

/** What of a processor stands still: what it sends, what it is sent, or both. */
interface Standstill {
  readonly isStopped: (link: SimulatedLink) => boolean
  until: number
}

const slowness = 40

const kinds: readonly Action['type'][] = [
  'ship',
  'endStep',
  'workOnMemory',
  'timeout',
  'tellSilent',
  'tellHeard',
  'leave',
  'writeFile',
  'readFile',
  ...clockTypes,
  'tellHostLost',
  'tellHostSilent',
  'tellHostHeard',
]

export class Schedule {
  readonly #random: Random
  readonly #tempo: Tempo
  readonly #linkWeights: number[] = []
  /** By processor, then by kind of action: all that a processor ships goes at one pace. */
  readonly #ownWeights: number[][] = []
  readonly #manifestWeight: Record<number, number> = {}
  readonly #clockWeights: number[] = []
  readonly #hostWeights: number[] = []
  #standstill: Standstill | null = null
  /** How often a link or a processor stood still so far. */
  standstills = 0
  #chosen: number[] = []

  constructor(random: Random, tempo: Tempo) {
    this.#random = random
    this.#tempo = tempo
  }

  /** One of the actions that are possible now. */
  pick(world: World, actions: readonly Action[]): Action {
    this.#standStill(world)
    const weights = this.#chosen
    let sum = 0
    for (let index = 0; index < actions.length; index += 1) {
      const action = actions[index]!
      const weight = this.#isStopped(action) ? 0 : this.#weight(world, action)
      weights[index] = weight
      sum += weight
    }
    if (sum === 0) {
      // Whatever stands still is all there is: it goes on.
      this.#standstill = null
      return this.#random.pick(actions)
    }
    let left = this.#random.integer(1, sum)
    let index = 0
    for (; left > weights[index]!; index += 1) left -= weights[index]!
    return actions[index]!
  }

  #standStill(world: World): void {
    if (this.#standstill && this.#standstill.until <= world.time) this.#standstill = null
    if (this.#standstill || this.#tempo.standstills === 0) return
    if (this.#random.integer(1, 10_000) > this.#tempo.standstills) return
    this.standstills += 1
    const until = world.time + this.#random.integer(10, this.#tempo.standstillMax)
    this.#standstill = { isStopped: this.#choose(world), until }
  }

  /** One link, or a processor that is cut off: in one direction or in both. */
  #choose(world: World): (link: SimulatedLink) => boolean {
    const { links, processors } = world
    const link = this.#random.pick(links.all)
    if (this.#random.integer(0, 2) === 0) return (one) => one === link
    const end: End = this.#random.pick(processors).id
    const way = this.#random.integer(0, 2)
    return ({ from, to }) => (way !== 0 && from === end) || (way !== 1 && to === end)
  }

  #isStopped(action: Action): boolean {
    return action.type === 'deliver' && this.#standstill !== null && this.#standstill.isStopped(action.link)
  }

  #weight(world: World, action: Action): number {
    const known = this.#weightsOf(action)
    const key = action.type === 'deliver' ? action.link.index : kinds.indexOf(action.type)
    const weight = known[key]
    if (weight !== undefined) return weight
    const drawn = this.#drawWeight(world, action)
    known[key] = drawn
    return drawn
  }

  #weightsOf(action: Action): Record<number, number> {
    if (action.type === 'writeManifest') return this.#manifestWeight
    if (action.type === 'deliver') return this.#linkWeights
    if ('host' in action) return this.#hostWeights
    return 'candidate' in action ? this.#clockWeights : this.#ownWeightsOf(action.processor)
  }

  #ownWeightsOf({ id }: SimulatedProcessor): number[] {
    const known = this.#ownWeights[id] ?? []
    this.#ownWeights[id] = known
    return known
  }

  #drawWeight(world: World, action: Action): number {
    const drawn = this.#random.pick(action.type === 'timeout' ? this.#tempo.timeoutWeights : this.#tempo.weights)
    return this.#isSlow(world, action) ? 1 : drawn * slowness
  }

  #isSlow(world: World, action: Action): boolean {
    const { slowest } = this.#tempo
    if (slowest === null || action.type !== 'deliver') return false
    return world.holder(`a${slowest}`)?.id === action.link.to
  }
}
