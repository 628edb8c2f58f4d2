import { grown } from './grown.ts'

/**
 * Whether what is due leads round in a circle. In every state but the last ones one move is due, so the states hang
 * together in trees that grow towards an end, unless a move leads back to a state of its own tree: then no end is
 * reached from there. Trees are told apart by one of their states each (union-find); 4 bytes a state.
 */
export class Rounds {
  #parents = new Uint32Array(2 ** 12)
  #count = 0

  get bytes(): number {
    return this.#parents.byteLength
  }

  /** Adds the next state. */
  add(): void {
    if (this.#count === this.#parents.length) this.#parents = grown(this.#parents)
    this.#parents[this.#count] = this.#count
    this.#count += 1
  }

  /** What is due in one state leads to another. True: it closes a circle. To be told once of each state. */
  close(from: number, to: number): boolean {
    const [tree, other] = [this.#treeOf(from), this.#treeOf(to)]
    this.#parents[tree] = other
    return tree === other
  }

  #treeOf(state: number): number {
    const parents = this.#parents
    let at = state
    for (let above = parents[at]!; above !== at; above = parents[at]!) {
      const next = parents[above]!
      parents[at] = next
      at = next
    }
    return at
  }
}
