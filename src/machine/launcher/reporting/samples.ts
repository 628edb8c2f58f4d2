import { seededRandom } from '../../../base/index.ts'
import type { Spread } from '../../run.ts'

/** More than enough for a median, whatever the length of the run. */
const keptMax = 20_000

/** A set of measurements of any size: count, least and greatest are exact; the median is that of a random sample. */
export class Samples {
  readonly #kept: number[] = []
  readonly #random = seededRandom(1)
  #count = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  /** Reservoir sampling (Vitter's algorithm R): every value is kept with the same probability. */
  add(value: number): void {
    this.#count += 1
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
    if (this.#kept.length < keptMax) {
      this.#kept.push(value)
      return
    }
    const slot = this.#random.integer(0, this.#count - 1)
    if (slot < keptMax) this.#kept[slot] = value
  }

  /** All 0 when there are none. */
  spread(): Spread {
    if (this.#count === 0) return { count: 0, median: 0, min: 0, max: 0 }
    const sorted = [...this.#kept].sort((left, right) => left - right)
    const middle = sorted.length >> 1
    const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
    return { count: this.#count, median, min: this.#min, max: this.#max }
  }
}
