import { verdictOf } from '../machine/index.ts'
import type { FinishedRun, Program } from '../program/index.ts'
import { type Difference, differenceBetween, shown } from './differences.ts'
import type { Digests, ObservedProcess } from './observe.ts'
import type { Trial } from './trial.ts'

/** Says what is wrong with `other` beside `first`, in one line, or null if both may be: the default export of `--compare`. */
export type Compare = (first: FinishedRun, other: FinishedRun) => string | null | Promise<string | null>

/** A place of a process where two runs are not the same. */
export interface PlacedDifference {
  readonly process: number
  /** For instance `result.sum`, `emitted value 17, .rows[3]` or `memory field total`. */
  readonly place: string
  readonly first: unknown
  readonly other: unknown
}

/** The difference as one line, without the process. `when` is when it was `first`, such as `in the first run`. */
export function placeText({ place, first, other }: Omit<PlacedDifference, 'process'>, when: string): string {
  if (isDigests(first) || isDigests(other)) return `${place} is not the same`
  return `${place} is ${shown(other)}, and ${shown(first)} ${when}`
}

/** Where two runs gave something else, the first place of each process: what it was done with and what it emitted. */
export function differencesGiven(first: Trial, other: Trial): PlacedDifference[] {
  return first.processes.flatMap(({ result, emitted }, process) => {
    const now = other.processes[process]!
    const found = placed('result', differenceBetween(result, now.result)) ?? emittedDifference(emitted, now.emitted)
    return found === null ? [] : [{ process, ...found }]
  })
}

/** Where processes came to another memory in the end, the first place of each. */
export function differencesKept(first: Trial, other: Trial): PlacedDifference[] {
  return first.processes.flatMap(({ steps }, process) => {
    const found = differenceKept(steps.at(-1)!.seen, other.processes[process]!.steps.at(-1)!.seen)
    return found === null ? [] : [{ process, ...found }]
  })
}

/** The first place in which a process remembers something else. */
export function differenceKept(
  first: ObservedProcess,
  other: ObservedProcess,
): Omit<PlacedDifference, 'process'> | null {
  for (const [name, value] of Object.entries(first.memory)) {
    const found = partDifference(`memory field ${name}`, value, other.memory[name])
    if (found !== null) return found
  }
  for (const name of new Set([...Object.keys(first.vars), ...Object.keys(other.vars)])) {
    const found = partDifference(`vars.${name}`, first.vars[name], other.vars[name])
    if (found !== null) return found
  }
  return null
}

export function emittedDifference(
  first: readonly unknown[],
  other: readonly unknown[],
): Omit<PlacedDifference, 'process'> | null {
  for (let index = 0; index < Math.min(first.length, other.length); index += 1) {
    const found = differenceBetween(first[index], other[index])
    if (found !== null) return placed(`emitted value ${index + 1}${found.path === '' ? '' : ', '}`, found)
  }
  if (first.length === other.length) return null
  return { place: 'the number of emitted values', first: first.length, other: other.length }
}

function placed(place: string, difference: Difference | null): Omit<PlacedDifference, 'process'> | null {
  if (difference === null) return null
  const { path, first, other } = difference
  return { place: place + path, first, other }
}

function partDifference(place: string, first: unknown, other: unknown): Omit<PlacedDifference, 'process'> | null {
  if (!isDigests(first) || !isDigests(other)) return placed(place, differenceBetween(first, other))
  const at = first.digests.findIndex((digest, index) => digest !== other.digests[index])
  if (at < 0) return null
  const elements = first.digestOf === 'array' ? `, elements ${at * first.per} to ${(at + 1) * first.per - 1},` : ''
  return { place: `${place}${elements}`, first, other }
}

function isDigests(value: unknown): value is Digests {
  return typeof value === 'object' && value !== null && 'digestOf' in value
}

/** What the program's own `verify` says of a run: null also where it has none. Throws a `ProgramError` if it throws. */
export function verifyTrial(program: Program, { finished }: Pick<Trial, 'finished'>): Promise<string | null> {
  if (program.verify === undefined) return Promise.resolve(null)
  return verdictOf(`verify of program '${program.name}'`, () => program.verify!(finished))
}

/** What `compare` says of two runs. Throws a `ProgramError` if it throws, or returns neither a text nor null. */
export function compareTrials(compare: Compare, first: Trial, other: Trial): Promise<string | null> {
  return verdictOf('the comparison', () => compare(first.finished, other.finished))
}
