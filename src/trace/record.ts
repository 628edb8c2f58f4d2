/** One line of a trace: something that a protocol machine was told (`event`), or that followed from it (`effect`). */
export interface TraceRecord {
  /** Milliseconds since the program began, negative while the machine starts; in a scenario the number of the event. */
  readonly at: number
  /** The processor that it happened on; null for the conductor, and where it is not known. */
  readonly processor: number | null
  /** Id of that processor in the operating system; null where it is not known. */
  readonly pid: number | null
  /** The place that it holds, such as `a2`, or `conductor`. */
  readonly place: string
  readonly epoch: number
  readonly kind: 'event' | 'effect'
  /** As `describeEvent` and `describeEffect` of the protocol say it. */
  readonly text: string
}

/** A file that is no trace, or not a whole one. The message names file and line, in one line. */
export class TraceError extends Error {
  override name = 'TraceError'
}

const placePattern = /^(?:[abc]\d{1,5}|conductor|spare)$/

/** The record of one line of a trace. Throws a `TraceError` that says what is wrong with it, without file and line. */
export function parseTraceLine(line: string): TraceRecord {
  const fields = readObject(line)
  const kind = 'event' in fields ? 'event' : 'effect'
  if (kind === 'event' && 'effect' in fields) throw new TraceError("it has both 'event' and 'effect'")
  return {
    at: numberOf(fields, 'ms'),
    processor: fields.processor === null ? null : countOf(fields, 'processor'),
    pid: fields.pid === undefined || fields.pid === null ? null : countOf(fields, 'pid'),
    place: placeOf(fields),
    epoch: countOf(fields, 'epoch'),
    kind,
    text: textOf(fields, kind),
  }
}

type Fields = Readonly<Record<string, unknown>>

function readObject(line: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new TraceError('it is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TraceError('it is no JSON object')
  return value as Fields
}

function present(fields: Fields, name: string): unknown {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === undefined) throw new TraceError(`it has no '${name}'`)
  return value
}

function numberOf(fields: Fields, name: string): number {
  const value = present(fields, name)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TraceError(`'${name}' is no number`)
}

function countOf(fields: Fields, name: string): number {
  const value = present(fields, name)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TraceError(`'${name}' is no whole number`)
}

function textOf(fields: Fields, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === undefined) throw new TraceError("it has neither 'event' nor 'effect'")
  if (typeof value === 'string') return value
  throw new TraceError(`'${name}' is no text`)
}

function placeOf(fields: Fields): string {
  const value = present(fields, 'place')
  if (typeof value === 'string' && placePattern.test(value)) return value
  throw new TraceError("'place' is no place such as a0, c0, b0 or conductor")
}
