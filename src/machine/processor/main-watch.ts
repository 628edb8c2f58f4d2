/**
 * No work that the main thread does in one go takes nearly so much processor time: a capture of the largest memory that
 * there can be takes seconds.
 */
export const hangCpuMsMax = 30_000

/**
 * Whether a processor's main thread is caught in something that never ends, as seen by the thread that beats (a native one has
 * the same rule in heartbeat.cc). Measured in
 * processor time: a main thread that gets none cannot come to an end.
 */
export class MainWatch {
  readonly #cpuMsMax: number
  #turns = -1
  #turnCpuMs = 0

  constructor(cpuMsMax = hangCpuMsMax) {
    this.#cpuMsMax = cpuMsMax
  }

  /** `turns`: how often the main thread has come to its event loop. `cpuMs`: what it has used; asked only if there is none new. */
  isHung(turns: number, cpuMs: () => number | null): boolean {
    if (turns === this.#turns) return (cpuMs() ?? 0) - this.#turnCpuMs > this.#cpuMsMax
    this.#turns = turns
    this.#turnCpuMs = cpuMs() ?? 0
    return false
  }
}
