import { count, isRecord, nameOf, number, objectOf, orMissing, orNull, text, when } from '../base/index.ts'
import { type Happening, isProcessorPlace, recordedEffect, recordedEvent, recordVersion } from '../protocol/index.ts'

/** One line of a trace: something that a protocol machine was told (`event`), or that followed from it (`effect`). */
export type TraceRecord = Happening & {
  /** Milliseconds since the program began, negative while the machine starts; in a scenario the number of the event. */
  readonly at: number
  /** The processor that it happened on; null for the conductor, and where it is not known. */
  readonly processor: number | null
  /** Id of that processor in the operating system; null where it is not known. */
  readonly pid: number | null
  /** The place that it holds, such as `a2`, or `conductor`. */
  readonly place: string
  readonly epoch: number
}

/** A file that is no trace, or not a whole one. The message names file and line, in one line. */
export class TraceError extends Error {
  override name = 'TraceError'
}

/** What stands in a line; `text` is for people, and nobody reads it back. */
interface Line {
  readonly ms: number
  readonly processor: number | null
  readonly pid?: number | null
  readonly place: string
  readonly epoch: number
  readonly text: string
  readonly event?: Extract<Happening, { kind: 'event' }>['what']
  readonly effect?: Extract<Happening, { kind: 'effect' }>['what']
}

const line = objectOf<Line>({
  ms: number,
  processor: orNull(count),
  pid: orMissing(orNull(count)),
  place: when('a place such as a0, c0, b0 or conductor', isTracedPlace),
  epoch: count,
  text,
  event: orMissing(recordedEvent),
  effect: orMissing(recordedEffect),
})

function isTracedPlace(value: unknown): boolean {
  return isProcessorPlace(value) || value === 'conductor' || value === 'spare'
}

/** Throws a `TraceError` unless this is the first line of a trace that can be read here. */
export function checkHead(text: string): void {
  const value = readObject(text)
  if (value.trace !== 'paritas')
    throw new TraceError('it says no version, as those of older versions do not; record the run anew')
  if (value.version === recordVersion) return
  const reads = `this Paritas reads version ${recordVersion}`
  throw new TraceError(
    `it is of version ${nameOf(value.version)}, and ${reads}; record the run anew, or draw it with the one that did`,
  )
}

/** The record of one line of a trace. Throws a `TraceError` that says what is wrong with it, without file and line. */
export function parseTraceLine(text: string): TraceRecord {
  const value = readObject(text)
  const problem = line(value)
  if (problem !== null) throw new TraceError(problem.slice(1))
  const { ms: at, processor, pid = null, place, epoch, event, effect } = value as unknown as Line
  const where = { at, processor, pid, place, epoch }
  if (event && effect) throw new TraceError("it has both 'event' and 'effect'")
  if (event) return { ...where, kind: 'event', what: event }
  if (effect) return { ...where, kind: 'effect', what: effect }
  throw new TraceError("it has neither 'event' nor 'effect'")
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TraceError('it is no JSON')
  }
  if (isRecord(value)) return value
  throw new TraceError('it is no JSON object')
}
