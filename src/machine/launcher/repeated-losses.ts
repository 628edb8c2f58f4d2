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

  /** Notes a loss nobody asked for; returns whether it is one too many. */
  note(place: Place): boolean {
    const count = (this.#counts.get(place) ?? 0) + 1
    this.#counts.set(place, count)
    return count >= lossesMax
  }

  /** Why the run cannot go on. `ending`: how the process ended the last time; null if it is frozen. */
  describe(place: Place, ending: string | null): string {
    const count = this.#counts.get(place) ?? 0
    const how = ending === null ? '' : `; its process ${ending} the last time`
    const hint = ending?.includes('SIGKILL') ? ' (the system ends processes like that when memory is short)' : ''
    return `${placeName(place)} was lost ${count} times with no checkpoint committed in between${how}${hint}`
  }
}
