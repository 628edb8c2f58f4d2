/** A growing set of page numbers. */
export class PageSet {
  #has = new Uint8Array(64)

  add(page: number): void {
    if (page >= this.#has.length) {
      const has = new Uint8Array(2 * (page + 1))
      has.set(this.#has)
      this.#has = has
    }
    this.#has[page] = 1
  }

  has(page: number): boolean {
    return this.#has[page] === 1
  }

  copy(): PageSet {
    const other = new PageSet()
    other.#has = this.#has.slice()
    return other
  }
}
