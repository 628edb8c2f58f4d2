/** Hashes and numbers of the states seen so far, 12 bytes each, in an open-addressing table that is at most 60 % full. */
export class Visited {
  #mask: number
  #low: Int32Array
  #high: Int32Array
  #numbers: Uint32Array
  #count = 0

  constructor(capacity = 2 ** 16) {
    this.#mask = capacity - 1
    this.#low = new Int32Array(capacity)
    this.#high = new Int32Array(capacity)
    this.#numbers = new Uint32Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#low.byteLength + this.#high.byteLength + this.#numbers.byteLength
  }

  /** Bytes that the next growth will need while both tables are there. */
  get bytesAtGrowth(): number {
    return 3 * this.bytes
  }

  get growsNext(): boolean {
    return this.#count + 1 > 0.6 * (this.#mask + 1)
  }

  /** Adds a state with its number. Returns the number that it was added with before, or -1: it is new. */
  add(low: number, high: number, number: number): number {
    if (this.growsNext) this.#grow()
    // 0 and 0 marks a free place.
    const least = low === 0 && high === 0 ? 1 : low
    const known = this.#put(least, high, number)
    if (known < 0) this.#count += 1
    return known
  }

  #put(low: number, high: number, number: number): number {
    let place = (low ^ (high >>> 7)) & this.#mask
    for (;;) {
      const foundLow = this.#low[place]!
      const foundHigh = this.#high[place]!
      if (foundLow === low && foundHigh === high) return this.#numbers[place]!
      if (foundLow === 0 && foundHigh === 0) break
      place = (place + 1) & this.#mask
    }
    this.#low[place] = low
    this.#high[place] = high
    this.#numbers[place] = number
    return -1
  }

  #grow(): void {
    const [low, high, numbers] = [this.#low, this.#high, this.#numbers]
    const capacity = 2 * low.length
    this.#mask = capacity - 1
    this.#low = new Int32Array(capacity)
    this.#high = new Int32Array(capacity)
    this.#numbers = new Uint32Array(capacity)
    for (let place = 0; place < low.length; place += 1) {
      if (low[place] !== 0 || high[place] !== 0) this.#put(low[place]!, high[place]!, numbers[place]!)
    }
  }
}
