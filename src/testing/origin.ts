import { differenceKept, emittedDifference, type PlacedDifference } from './agreement.ts'
import { differenceBetween } from './differences.ts'
import type { Digests } from './observe.ts'
import type { ProcessRecord } from './observed-program.ts'
import type { Trial } from './trial.ts'

/** The step in which two runs began to differ. */
export interface Origin extends PlacedDifference {
  /** Counted from 1; 1 is `start`. */
  readonly step: number
}

/** What a step of a process did otherwise, or was given otherwise. */
interface Parting extends Origin {
  /** Who had sent it, where it was given something else; null where it did something else by itself. */
  readonly sender: number | null
}

/**
 * Where two runs of which every step is known came apart: a step that was given the same messages and had the same
 * memory, and yet did something else. Null where none is found.
 */
export function originOf(first: Trial, other: Trial): Origin | null {
  const partings = first.processes.flatMap((record, process) => {
    const parting = partingOf(process, record, other.processes[process]!)
    return parting === null ? [] : [parting]
  })
  const earliest = (some: readonly Parting[]): Parting | undefined => some.toSorted((a, b) => a.step - b.step)[0]
  const own = earliest(partings.filter(({ sender }) => sender === null))
  if (own !== undefined) return own
  // Nobody remembers anything else: then it was only sent.
  const given = earliest(partings)
  if (given === undefined || given.sender === null) return null
  return { ...given, process: given.sender, place: `a message to process ${given.process}, ${given.place},` }
}

/** Of messages only digests are known. */
const digested: Digests = { digestOf: 'value', per: 1, digests: [] }

function partingOf(process: number, first: ProcessRecord, other: ProcessRecord): Parting | null {
  for (const [index, one] of first.steps.entries()) {
    const now = other.steps[index]
    if (now === undefined) return null
    const where = { process, step: index + 1 }
    const given = differenceBetween(one.seen.given, now.seen.given)
    if (given !== null) {
      const at = Number(/^\[(\d+)\]/.exec(given.path)?.[1] ?? 0)
      const message = one.seen.given[at]
      const values = { first: digested, other: digested }
      return { ...where, sender: message?.from ?? null, place: `'${message?.tag}'`, ...values }
    }
    const kept = differenceKept(one.seen, now.seen) ?? emittedDifference(one.emitted, now.emitted)
    if (kept !== null) return { ...where, ...kept, sender: null }
  }
  const result = differenceBetween(first.result, other.result)
  if (result === null || first.steps.length !== other.steps.length) return null
  const { path, ...values } = result
  return { process, step: first.steps.length, place: `result${path}`, ...values, sender: null }
}
