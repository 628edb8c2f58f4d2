import { noPages, type PageRanges, rangesOf } from './page-ranges.ts'
import type { PageWatch } from './page-watch.ts'

/** A watch over pages that nobody but the memory's own code writes, which says so each time. */
export class NotedPages implements PageWatch {
  readonly #isWritten: Uint8Array
  #isAnyWritten = false

  constructor(pages: number) {
    this.#isWritten = new Uint8Array(pages)
  }

  arm(): void {
    this.#isWritten.fill(0)
    this.#isAnyWritten = false
  }

  disarm(): void {}

  take(): PageRanges {
    const written = this.peek()
    if (this.#isAnyWritten) this.arm()
    return written
  }

  peek(): PageRanges {
    return this.#isAnyWritten ? rangesOf(this.#numbers()) : noPages
  }

  note(first: number, end: number): void {
    this.#isWritten.fill(1, first, end)
    this.#isAnyWritten = true
  }

  close(): void {}

  *#numbers(): Generator<number> {
    let page = this.#isWritten.indexOf(1)
    while (page >= 0) {
      yield page
      page = this.#isWritten.indexOf(1, page + 1)
    }
  }
}
