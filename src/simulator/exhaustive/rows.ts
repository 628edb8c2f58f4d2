const wordsPerBlock = 2 ** 18
const maskBits = 32

/**
 * Rows of so many words each, written one after the other and read in the same order. Most links are empty most of the
 * time, which is a 0 in a row: zeros are not kept, only bits that say where the others go. In blocks, so that growing
 * copies nothing.
 */
export class Rows {
  readonly #width: number
  readonly #maskWords: number
  readonly #blocks: Int32Array[] = []
  /** Words used in the last block. */
  #used = wordsPerBlock
  #count = 0
  #block = 0
  #at = 0

  constructor(width: number) {
    this.#width = width
    this.#maskWords = Math.ceil(width / maskBits)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#blocks.length * wordsPerBlock * 4
  }

  add(row: Int32Array): void {
    if (this.#used + this.#maskWords + this.#width > wordsPerBlock) this.#addBlock()
    const block = this.#blocks.at(-1)!
    const masks = this.#used
    let at = masks + this.#maskWords
    for (let word = 0; word < this.#width; word += 1) {
      if (row[word] === 0) continue
      block[masks + (word >>> 5)]! |= 1 << (word & 31)
      block[at] = row[word]!
      at += 1
    }
    this.#used = at
    this.#count += 1
  }

  #addBlock(): void {
    this.#blocks.push(new Int32Array(wordsPerBlock))
    this.#used = 0
  }

  /** Reads the next row; from the first one on. There must be one. */
  read(row: Int32Array): void {
    if (this.#isAtEnd()) {
      this.#block += 1
      this.#at = 0
    }
    const block = this.#blocks[this.#block]!
    const masks = this.#at
    let at = masks + this.#maskWords
    for (let word = 0; word < this.#width; word += 1) {
      const isKept = (block[masks + (word >>> 5)]! & (1 << (word & 31))) !== 0
      row[word] = isKept ? block[at]! : 0
      if (isKept) at += 1
    }
    this.#at = at
  }

  /** No row begins so close to the end of a block. */
  #isAtEnd(): boolean {
    return this.#at + this.#maskWords + this.#width > wordsPerBlock
  }
}
