const rowsPerBlock = 2 ** 12

/** Rows of so many words each, in blocks, so that growing copies nothing. */
export class Rows {
  readonly #width: number
  readonly #blocks: Int32Array[] = []
  #count = 0

  constructor(width: number) {
    this.#width = width
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#blocks.length * rowsPerBlock * this.#width * 4
  }

  add(row: Int32Array): void {
    const index = this.#count % rowsPerBlock
    if (index === 0) this.#blocks.push(new Int32Array(rowsPerBlock * this.#width))
    this.#blocks.at(-1)!.set(row, index * this.#width)
    this.#count += 1
  }

  read(number: number, row: Int32Array): void {
    const block = this.#blocks[Math.floor(number / rowsPerBlock)]!
    const start = (number % rowsPerBlock) * this.#width
    for (let word = 0; word < this.#width; word += 1) row[word] = block[start + word]!
  }
}
