/** Hashes of the states seen so far, 8 bytes each, in an open-addressing table that is at most 60 % full. */
export class Visited {
  #mask: number
  #low: Int32Array
  #high: Int32Array
  #count = 0

  constructor(capacity = 2 ** 16) {
    this.#mask = capacity - 1
    this.#low = new Int32Array(capacity)
    this.#high = new Int32Array(capacity)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#low.byteLength + this.#high.byteLength
  }

  /** Bytes that the next growth will need while both tables are there. */
  get bytesAtGrowth(): number {
    return 3 * this.bytes
  }

  get growsNext(): boolean {
    return this.#count + 1 > 0.6 * (this.#mask + 1)
  }

  /** False: it was seen before. */
  add(low: number, high: number): boolean {
    if (this.growsNext) this.#grow()
    // 0 and 0 marks a free place.
    const least = low === 0 && high === 0 ? 1 : low
    if (!this.#put(least, high)) return false
    this.#count += 1
    return true
  }

  #put(low: number, high: number): boolean {
    let place = (low ^ (high >>> 7)) & this.#mask
    for (;;) {
      const foundLow = this.#low[place]!
      const foundHigh = this.#high[place]!
      if (foundLow === low && foundHigh === high) return false
      if (foundLow === 0 && foundHigh === 0) break
      place = (place + 1) & this.#mask
    }
    this.#low[place] = low
    this.#high[place] = high
    return true
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high]
    const capacity = 2 * low.length
    this.#mask = capacity - 1
    this.#low = new Int32Array(capacity)
    this.#high = new Int32Array(capacity)
    for (let place = 0; place < low.length; place += 1) {
      if (low[place] !== 0 || high[place] !== 0) this.#put(low[place]!, high[place]!)
    }
  }
}
