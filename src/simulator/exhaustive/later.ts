import { Rows } from './rows.ts'

/** States that need one more delay than those that are explored now, by how many moves lead there, and from which state. */
export class Later {
  readonly #rows: Rows
  /** How many states are left, by the number of moves that lead to them. */
  readonly #counts: number[] = []
  readonly #row: Int32Array
  readonly #state: Int32Array
  #count = 0

  constructor(width: number) {
    this.#rows = new Rows(width + 1)
    this.#row = new Int32Array(width + 1)
    this.#state = this.#row.subarray(0, width)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#rows.bytes
  }

  /** `moves` is never less than before. */
  add(row: Int32Array, parent: number, moves: number): void {
    this.#state.set(row)
    this.#row[row.length] = parent
    this.#rows.add(this.#row)
    this.#counts[moves] = (this.#counts[moves] ?? 0) + 1
    this.#count += 1
  }

  /** Takes out the states that this many moves lead to; none that fewer lead to may be left. */
  take(moves: number, tell: (row: Int32Array, parent: number) => void): void {
    for (let left = this.#counts[moves] ?? 0; left > 0; left -= 1) {
      this.#rows.read(this.#row)
      this.#count -= 1
      tell(this.#state, this.#row[this.#state.length]! >>> 0)
    }
  }
}
