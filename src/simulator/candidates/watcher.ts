import type { ReleaseEffect } from '../../protocol/index.ts'
import type { Violation } from '../oracle/oracle.ts'

type Entry = ReleaseEffect['entry']
type Output = Extract<Entry, { type: 'output' }>

/** Whoever fetches what is released, and hears of the end: what was shown already is known by its number (O1). */
export class Watcher {
  readonly #shown: Entry[] = []
  readonly #show: (output: Output) => void
  readonly #report: (violation: Violation) => void

  constructor(show: (output: Output) => void, report: (violation: Violation) => void) {
    this.#show = show
    this.#report = report
  }

  take({ number, entry }: ReleaseEffect): void {
    const { length } = this.#shown
    if (number <= length) {
      if (!isSame(this.#shown[number - 1]!, entry)) {
        this.#report({ kind: 'LOST', detail: `entry ${number} of the release log was another one before` })
      }
      return
    }
    if (number > length + 1) this.#report({ kind: 'LOST', detail: `released as ${number} after ${length}` })
    this.#shown.push(entry)
    if (entry.type === 'output') this.#show(entry)
  }
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.type !== 'output' || other.type !== 'output') return one.type === other.type
  return one.rank === other.rank && one.index === other.index
}
