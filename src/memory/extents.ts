import { assert } from '../base/index.ts'

/** A run of consecutive pages. */
export interface Extent {
  readonly start: number
  readonly pages: number
}

/**
 * Which pages of the blobs' part are taken. What it hands out depends only on what is taken (first fit), so a map
 * made anew from the same extents goes on exactly as the old one would have.
 */
export class ExtentMap {
  /** Free runs between taken ones: ascending, none touching another. */
  readonly #holes: Extent[] = []
  #end = 0

  /** `taken` in any order; they must not overlap. */
  constructor(taken: readonly Extent[]) {
    for (const { start, pages } of taken.filter((extent) => extent.pages > 0).sort((a, b) => a.start - b.start)) {
      assert(start >= this.#end, 'extents: none overlaps another')
      if (start > this.#end) this.#holes.push({ start: this.#end, pages: start - this.#end })
      this.#end = start + pages
    }
  }

  /** All taken pages lie below this one. */
  get end(): number {
    return this.#end
  }

  /** Takes the first free run that is long enough and returns its first page. */
  take(pages: number): number {
    if (pages === 0) return 0
    const index = this.#holes.findIndex((hole) => hole.pages >= pages)
    if (index < 0) {
      this.#end += pages
      return this.#end - pages
    }
    const { start, pages: room } = this.#holes[index]!
    if (room === pages) this.#holes.splice(index, 1)
    else this.#holes[index] = { start: start + pages, pages: room - pages }
    return start
  }

  free(extent: Extent): void {
    if (extent.pages === 0) return
    let { start, pages } = extent
    let index = this.#firstHoleFrom(start)
    const before = this.#holes[index - 1]
    const after = this.#holes[index]
    assert(start + pages <= (after?.start ?? this.#end), 'extents: only what is taken can be freed')
    assert(before === undefined || before.start + before.pages <= start, 'extents: only what is taken can be freed')
    if (after?.start === start + pages) {
      pages += after.pages
      this.#holes.splice(index, 1)
    }
    if (before && before.start + before.pages === start) {
      start = before.start
      pages += before.pages
      index -= 1
      this.#holes.splice(index, 1)
    }
    if (start + pages === this.#end) this.#end = start
    else this.#holes.splice(index, 0, { start, pages })
  }

  #firstHoleFrom(page: number): number {
    let low = 0
    let high = this.#holes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#holes[middle]!.start < page) low = middle + 1
      else high = middle
    }
    return low
  }
}
