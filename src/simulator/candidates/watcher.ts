import type { ReleaseEffect } from '../../protocol/index.ts'
import type { Violation } from '../oracle/oracle.ts'

type Output = Extract<ReleaseEffect['entry'], { type: 'output' }>

/** Whoever fetches what is released: what was shown already is known by its number (O1). */
export class Watcher {
  #shown = 0
  readonly #show: (output: Output) => void
  readonly #report: (violation: Violation) => void

  constructor(show: (output: Output) => void, report: (violation: Violation) => void) {
    this.#show = show
    this.#report = report
  }

  take({ number, entry }: ReleaseEffect): void {
    if (number <= this.#shown) return
    if (number > this.#shown + 1) {
      this.#report({ kind: 'LOST', detail: `released as ${number} after ${this.#shown}` })
    }
    this.#shown = number
    if (entry.type === 'output') this.#show(entry)
  }
}
