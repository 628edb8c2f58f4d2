import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Random numbers that repeat exactly for the same seed. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** One of `items`, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item
}

/** A generator for `seed`, any 32-bit whole number. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  const integer = (min: number, max: number): number => uniformInt(generator, min, max)
  return { integer, pick: (items) => items[integer(0, items.length - 1)]! }
}
