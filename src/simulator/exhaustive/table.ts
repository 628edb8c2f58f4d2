import { type Hash, hashText } from './hash.ts'

/** Values that are interned: equal ones have the same number, and one hash under each symmetry. */
export class InternTable<Entry> {
  readonly #numbers = new Map<string, number>()
  readonly #hashes: { low: Int32Array; high: Int32Array }[]
  readonly entries: Entry[] = []

  constructor(symmetries: number) {
    this.#hashes = Array.from({ length: symmetries }, () => ({ low: new Int32Array(64), high: new Int32Array(64) }))
  }

  /**
   * The number of a value. `key` tells values apart; `encode` writes it as a text under each symmetry, so that the
   * image of a value has the text of the value that it is the image of. `make` is called for a new one.
   */
  intern(key: string, encode: (symmetry: number) => string, make: () => Entry): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.entries.length
    this.#numbers.set(key, number)
    this.entries.push(make())
    for (const symmetry of this.#hashes.keys()) this.#setHash(symmetry, number, hashText(encode(symmetry)))
    return number
  }

  /** The same of a value that reads the same under each symmetry. */
  internText(text: string, value: Entry): number {
    return this.intern(
      text,
      () => text,
      () => value,
    )
  }

  entry(number: number): Entry {
    return this.entries[number]!
  }

  low(symmetry: number, number: number): number {
    return this.#hashes[symmetry]!.low[number]!
  }

  high(symmetry: number, number: number): number {
    return this.#hashes[symmetry]!.high[number]!
  }

  #setHash(symmetry: number, number: number, { low, high }: Hash): void {
    const hashes = this.#hashes[symmetry]!
    if (number >= hashes.low.length) {
      hashes.low = grown(hashes.low)
      hashes.high = grown(hashes.high)
    }
    hashes.low[number] = low
    hashes.high[number] = high
  }
}

function grown(words: Int32Array): Int32Array {
  const larger = new Int32Array(2 * words.length)
  larger.set(words)
  return larger
}
