import { UncoveredLossError } from '../../run.ts'
import type { ProcessHandle } from './process-handle.ts'
import { tooSmall } from './start-watch.ts'

/** So many processors in a row that end before they are ready mean that none can be started. */
const endingsMax = 3

/** A processor that ends by itself ends by another signal, or with an exit code. */
const fromOutside = /^was ended by SIG(?:KILL|TERM|INT|HUP|QUIT|XCPU)$/

/**
 * Notices that processors end as soon as they are started, so that there will never be a machine. One counts as a further
 * one in a row if it was started after the last that counts had ended: several that were started together may have ended
 * of one cause, such as an interruption that the launcher has yet to hear of.
 */
export class EarlyEndings {
  #count = 0
  #newestThen = 0

  /** A processor has got ready. */
  reset(): void {
    this.#count = 0
  }

  /**
   * Notes that processor `id`, a number that counts those that were started, was given up before it was ready; `newest`: of
   * the last one. Returns how many in a row were, if that is one too many, else null.
   */
  note(id: number, newest: number): number | null {
    if (id <= this.#newestThen) return null
    this.#newestThen = newest
    this.#count += 1
    return this.#count >= endingsMax ? this.#count : null
  }
}

/**
 * Why the run cannot go on: `why` the last of so many was given up, and how it ended, if it did so `byItself` and not
 * because it was given up.
 */
export function describeEndings(
  who: 'processors' | 'conductors',
  count: number,
  why: string,
  { ending }: Pick<ProcessHandle, 'ending'>,
  byItself: boolean,
): Error {
  if (!byItself) return tooSmall(`${count} ${who} in a row did not get ready`)
  const how = ending !== null && !why.includes(ending) ? `, and its process ${ending}` : ''
  const what = `${count} ${who} in a row ended before they were ready; the last: ${why}${how}`
  if (ending === null || !fromOutside.test(ending)) return new Error(what)
  return new UncoveredLossError(`${what} from outside (the system ends processes like that when memory is short)`)
}
