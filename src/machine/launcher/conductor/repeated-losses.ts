import { type Place, placeName } from '../../../protocol/index.ts'
import { monotonicMs } from '../../wire/control.ts'

/** This many losses of one place in a row, with no commit in between, are no accident. */
const lossesMax = 10

/** Losses that are further apart than this have nothing to do with each other. */
const apartMs = 10_000

/** Notices a program that kills its processor over and over, and so would go round forever. */
export class RepeatedLosses {
  readonly #counts = new Map<Place, { readonly losses: number; readonly lastMs: number }>()

  /** Something was committed, so the run gets on. */
  reset(): void {
    this.#counts.clear()
  }

  /** Notes a loss nobody asked for; returns whether it is one too many. */
  note(place: Place): boolean {
    const nowMs = monotonicMs()
    const before = this.#counts.get(place)
    const losses = before && nowMs - before.lastMs < apartMs ? before.losses + 1 : 1
    this.#counts.set(place, { losses, lastMs: nowMs })
    return losses >= lossesMax
  }

  /** Why the run cannot go on. `ending`: how the process ended the last time; null if it is frozen. */
  describe(place: Place, ending: string | null): string {
    const losses = this.#counts.get(place)?.losses ?? 0
    const how = ending === null ? '' : `; its process ${ending} the last time`
    const hint = ending?.includes('SIGKILL') ? ' (the system ends processes like that when memory is short)' : ''
    return `${placeName(place)} was lost ${losses} times one right after another, with no checkpoint committed in between${how}${hint}`
  }
}
