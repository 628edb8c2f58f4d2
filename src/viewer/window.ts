import type { SpaceTime } from '../trace/index.ts'

/** Share of the whole time that the smallest view shows. */
const shareMin = 1e-6

/** The part of the time that is shown; always within the diagram, with a little room at its ends. */
export class Window {
  from: number
  to: number
  onChange: () => void = () => {}
  readonly #least: number
  readonly #most: number
  readonly #spanMin: number

  constructor({ from, to, unit }: Pick<SpaceTime, 'from' | 'to' | 'unit'>, first: { from: number; to: number }) {
    const room = Math.max((to - from) * 0.02, 1e-3)
    this.#least = from - room
    this.#most = to + room
    this.#spanMin = unit === 'events' ? 4 : Math.max(0.01, (to - from) * shareMin)
    this.from = first.from
    this.to = first.to
    this.#set(first.from <= from && first.to >= to ? this.#least : first.from, first.to >= to ? this.#most : first.to)
  }

  /** Where the view stands in the whole, from 0 to 1. */
  get share(): { readonly from: number; readonly to: number } {
    return { from: this.shareOf(this.from), to: this.shareOf(this.to) }
  }

  /** Where a time stands in the whole, from 0 to 1. */
  shareOf(time: number): number {
    return (time - this.#least) / (this.#most - this.#least)
  }

  /** Makes the span `factor` times as long; the time at `anchor`, a share of the view, stays where it is. */
  zoom(factor: number, anchor = 0.5): void {
    const span = this.to - this.from
    const wanted = Math.min(Math.max(span * factor, this.#spanMin), this.#most - this.#least)
    const from = this.from + (span - wanted) * anchor
    this.#set(from, from + wanted)
  }

  /** Moves by a share of the view. */
  move(share: number): void {
    const by = (this.to - this.from) * share
    this.#set(this.from + by, this.to + by)
  }

  /** Brings the time at a share of the whole into the middle. */
  centre(share: number): void {
    const middle = this.#least + share * (this.#most - this.#least)
    const half = (this.to - this.from) / 2
    this.#set(middle - half, middle + half)
  }

  showAll(): void {
    this.#set(this.#least, this.#most)
  }

  /** Keeps the length, as far as there is room for it. */
  #set(from: number, to: number): void {
    const span = Math.min(to - from, this.#most - this.#least)
    this.from = Math.min(Math.max(from, this.#least), this.#most - span)
    this.to = this.from + span
    this.onChange()
  }
}
