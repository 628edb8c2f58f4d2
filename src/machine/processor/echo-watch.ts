/** After so long a silence of the crew others are asked whether they hear this processor. */
export const crewSilenceMsMax = 1000

/**
 * Whether beats come back, as seen by the thread that beats (a native one has the same rule in heartbeat.cc): so both ends
 * know whether they hear each other.
 */
export class EchoWatch {
  readonly #silenceMsMax: number
  #lookedMs = Number.NEGATIVE_INFINITY
  #heardMs = 0
  #comesAny = false
  #isToldHeard = true

  constructor(silenceMsMax = crewSilenceMsMax) {
    this.#silenceMsMax = silenceMsMax
  }

  echoed(): void {
    this.#comesAny = true
  }

  /** To be called after each beat. Returns whether echoes come, where that has changed since the last call; else null. */
  look(nowMs: number): boolean | null {
    // It was this thread that slept: what came meanwhile may lie unread.
    const wasAway = nowMs - this.#lookedMs > this.#silenceMsMax / 2
    this.#lookedMs = nowMs
    if (this.#comesAny || wasAway) this.#heardMs = nowMs
    this.#comesAny = false
    const isHeard = nowMs - this.#heardMs <= this.#silenceMsMax
    if (isHeard === this.#isToldHeard) return null
    this.#isToldHeard = isHeard
    return isHeard
  }
}
