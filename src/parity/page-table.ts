/** Where pages lie in a kernel memory, by number. Offset 0, where no page ever lies, stands for a page that is not there. */
export class PageTable {
  #offsets = new Uint32Array(64)
  #size = 0
  /** No page that is there has a number from here on. */
  #end = 0

  get size(): number {
    return this.#size
  }

  get(page: number): number {
    return page < this.#end ? this.#offsets[page]! : 0
  }

  set(page: number, offset: number): void {
    if (page >= this.#end) {
      if (offset === 0) return
      if (page >= this.#offsets.length) this.#grow(page + 1)
      this.#end = page + 1
    }
    this.#size += Number(offset !== 0) - Number(this.#offsets[page] !== 0)
    this.#offsets[page] = offset
  }

  /** What `get` says of the pages from `first` to before `end`. */
  slice(first: number, end: number): Uint32Array {
    const offsets = new Uint32Array(end - first)
    offsets.set(this.#offsets.subarray(Math.min(first, this.#end), Math.min(end, this.#end)))
    return offsets
  }

  /** The numbers of the pages that are there, ascending. */
  pages(): number[] {
    const pages: number[] = []
    for (let page = 0; page < this.#end; page += 1) if (this.#offsets[page] !== 0) pages.push(page)
    return pages
  }

  clear(): void {
    this.#offsets.fill(0, 0, this.#end)
    this.#size = 0
    this.#end = 0
  }

  #grow(length: number): void {
    const offsets = new Uint32Array(Math.max(length, 2 * this.#offsets.length))
    offsets.set(this.#offsets)
    this.#offsets = offsets
  }
}
