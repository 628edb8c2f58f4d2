/** Of so many answers the quickest counts: clocks drift by less than a millisecond in the time that these take. */
const keptMax = 200

interface Sample {
  readonly offsetMs: number
  readonly roundTripMs: number
}

/**
 * By how much another computer's clock is ahead of this one's, from beats and their answers: a beat was answered about half
 * way between its going and its coming back (Cristian 1989), so the quickest round trip says it best.
 */
export class ClockOffset {
  #samples: Sample[] = []

  /** A beat was sent at `sentMs` and its answer came at `cameMs`, both of this clock; it left the other side at `atMs` of its. */
  note(sentMs: number, atMs: number, cameMs: number): void {
    this.#samples.push({ offsetMs: atMs - (sentMs + cameMs) / 2, roundTripMs: cameMs - sentMs })
    if (this.#samples.length > keptMax) this.#samples.shift()
  }

  /** Milliseconds to be taken off the other clock's times; 0 before any answer. */
  get offsetMs(): number {
    return this.#best?.offsetMs ?? 0
  }

  /** The offset is wrong by at most so many milliseconds; infinite before any answer. */
  get errorMs(): number {
    return (this.#best?.roundTripMs ?? Number.POSITIVE_INFINITY) / 2
  }

  /** From a beat to its answer, in milliseconds, at best; null before any. */
  get roundTripMs(): number | null {
    return this.#best?.roundTripMs ?? null
  }

  get #best(): Sample | null {
    let best: Sample | null = null
    for (const sample of this.#samples) if (best === null || sample.roundTripMs < best.roundTripMs) best = sample
    return best
  }
}
