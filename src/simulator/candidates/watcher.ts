import type { ReleaseEffect } from '../../protocol/index.ts'
import { idOf } from '../oracle/journal.ts'
import type { Violation } from '../oracle/oracle.ts'

type Entry = ReleaseEffect['entry']
type Output = Extract<Entry, { type: 'output' }>
type TookBack = Extract<Entry, { type: 'tookBack' }>

/** Whoever fetches what is released, and hears of the end: what was shown already is known by its number (O1). */
export class Watcher {
  readonly #shown: Entry[] = []
  /** Have left a conductor, by their numbers: everybody is as they say, whatever of the entries before is still on its way. */
  readonly #tookBack = new Map<number, TookBack>()
  readonly #show: (output: Output) => void
  readonly #report: (violation: Violation) => void

  constructor(show: (output: Output) => void, report: (violation: Violation) => void) {
    this.#show = show
    this.#report = report
  }

  /** Somebody releases it: it will come, or be released once more. */
  noteLeaving({ number, entry }: ReleaseEffect): void {
    if (entry.type === 'tookBack') this.#tookBack.set(number, entry)
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
    if (entry.type === 'output' && !this.#isTakenBack(number, entry)) this.#show(entry)
  }

  /** By an entry that comes behind it. */
  #isTakenBack(number: number, { rank, index }: Output): boolean {
    return [...this.#tookBack].some(([later, { outputs }]) => later > number && index >= outputs[rank]!.released)
  }
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.type === 'output') return other.type === 'output' && isSameOutput(one, other)
  if (other.type === 'output' || one.outputs.length !== other.outputs.length) return false
  return one.outputs.every(({ released, isFinished }, rank) => {
    const mark = other.outputs[rank]!
    return mark.released === released && mark.isFinished === isFinished
  })
}

function isSameOutput(one: Output, other: Output): boolean {
  const { rank, index, kind, payload } = other
  return one.rank === rank && one.index === index && one.kind === kind && idOf(one.payload) === idOf(payload)
}
