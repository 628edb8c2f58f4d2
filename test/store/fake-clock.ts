import type { StoreClock } from '../../src/store/index.ts'

/** Time that passes when a test says so. */
export class FakeClock implements StoreClock {
  #nowMs = 0
  #waiting: { readonly atMs: number; readonly then: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, then: () => void): () => void {
    const one = { atMs: this.#nowMs + delayMs, then }
    this.#waiting.push(one)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== one)
    }
  }

  /** How many wait to be called. */
  get armed(): number {
    return this.#waiting.length
  }

  pass(passMs: number): void {
    const endMs = this.#nowMs + passMs
    for (;;) {
      const next = this.#next()
      if (next === undefined || next.atMs > endMs) break
      this.#nowMs = next.atMs
      this.#call(next)
    }
    this.#nowMs = endMs
  }

  /** As if the process had been frozen meanwhile: whoever waited is called late, and once. */
  jump(jumpMs: number): void {
    this.#nowMs += jumpMs
    for (const one of this.#waiting.filter(({ atMs }) => atMs <= this.#nowMs)) this.#call(one)
  }

  #next(): { readonly atMs: number; readonly then: () => void } | undefined {
    return this.#waiting.toSorted((one, other) => one.atMs - other.atMs)[0]
  }

  #call(one: { readonly atMs: number; readonly then: () => void }): void {
    this.#waiting = this.#waiting.filter((other) => other !== one)
    one.then()
  }
}
