import { type Place, placeName } from '../../protocol/index.ts'

/** So many losses of one place with no commit in between are no accident. */
const lossesMax = 5

/** Notices a program that kills its processor over and over, and so would go round forever. */
export class RepeatedLosses {
  readonly #counts = new Map<Place, number>()

  /** Something was committed, so the run gets on. */
  reset(): void {
    this.#counts.clear()
  }

  /** Notes a loss nobody asked for; returns why the run cannot go on, or null. */
  note(place: Place, ending: string | null): string | null {
    const count = (this.#counts.get(place) ?? 0) + 1
    this.#counts.set(place, count)
    if (count < lossesMax) return null
    const how = ending === null ? '' : `; its process ${ending} the last time`
    const hint = ending?.includes('SIGKILL') ? ' (the system ends processes like that when memory is short)' : ''
    return `${placeName(place)} was lost ${count} times with no checkpoint committed in between${how}${hint}`
  }
}
