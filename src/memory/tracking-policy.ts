/** How changed pages are found: by a watch that costs a little at each first write, or by comparing all of them. */
export type TrackingMode = 'watch' | 'compare'

/**
 * Shares of written pages from which on the other way is cheaper. Measured on 64 MiB with pages of 4096 bytes: a first
 * write to a watched page costs 0.8 us and its share of the capture as much again if pages lie apart, and comparing
 * costs 0.25 us for each page of all. Writes and capture together cost the same at 15 % of pages far apart, and at 20 %
 * of pages side by side.
 */
export const compareFromShare = 0.2
export const watchUpToShare = 0.12

/** So many captures in a row have to agree before the way changes, which costs up to 2 ms for 64 MiB. */
const capturesInFavour = 2

/** Decides after each capture how the changed pages of the next interval are found. */
export class TrackingPolicy {
  #mode: TrackingMode = 'watch'
  #inFavour = 0

  get mode(): TrackingMode {
    return this.#mode
  }

  /** A capture has found `written` of `pages` pages written, or changed where it compared. */
  note(written: number, pages: number): void {
    const share = pages === 0 ? 0 : written / pages
    const isInFavour = this.#mode === 'watch' ? share >= compareFromShare : share <= watchUpToShare
    this.#inFavour = isInFavour ? this.#inFavour + 1 : 0
    if (this.#inFavour < capturesInFavour) return
    this.#mode = this.#mode === 'watch' ? 'compare' : 'watch'
    this.#inFavour = 0
  }
}
