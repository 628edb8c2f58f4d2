import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { attempt, isError, textIn } from '../../base/index.ts'
import { explainRefusedWrite } from '../../memory/native/index.ts'
import { frameAsWritten } from '../bundle/source-url.ts'

/** What a program threw, as its author wants to see it. */
export interface ProgramFailure {
  /** The message, and below it the frames of the stack that lie in the program. */
  readonly error: string
  /**
   * The place in the program that threw, `file:line:column`; where none is known, the kind of what it threw, without
   * its text.
   */
  readonly site: string
}

/** Where this package's own code lies; its sources too, since source maps may name them. */
const ownFolders = ['dist', 'src'].map((folder) => fileURLToPath(new URL(`../../../${folder}/`, import.meta.url)))

/** So many of its causes, their causes and the errors that it gathers are told. */
const partsMax = 5

interface Part {
  readonly label: string
  readonly thrown: unknown
}

/**
 * Describes anything that was thrown, with its causes and the errors that it gathers, without the frames of Node and of this package. It never throws,
 * whatever getters and proxies do that it has to read.
 */
export function describeFailure(thrown: unknown): ProgramFailure {
  const [headline = '', ...frames] = linesOf(thrown)
  const below = partsBelow(thrown).flatMap(({ label, thrown: part }) => {
    const [line, ...rest] = linesOf(part)
    return [`  ${label} ${line}`, ...rest]
  })
  const kind = isError(thrown) ? textIn(thrown, 'name') : 'thrown'
  return { error: [headline, ...frames, ...below].join('\n'), site: siteOf(frames[0]) ?? kind }
}

/** Each once, what is nearest first in its place. */
function partsBelow(thrown: unknown): Part[] {
  const told: Part[] = []
  const due = partsOf(thrown)
  for (let part = due.shift(); part !== undefined && told.length < partsMax; part = due.shift()) {
    const { thrown: one } = part
    if (one === thrown || told.some((other) => other.thrown === one)) continue
    told.push(part)
    due.unshift(...partsOf(one))
  }
  return told
}

function partsOf(thrown: unknown): Part[] {
  if (!isError(thrown)) return []
  const unreadable = 'what cannot be read'
  const cause = attempt(() => thrown.cause, unreadable)
  const gathered = attempt((): unknown[] => {
    const { errors } = thrown as Partial<AggregateError>
    return Array.isArray(errors) ? Array.from(errors.slice(0, partsMax), (one: unknown) => one) : []
  }, [unreadable])
  const ofThem = gathered.map((one) => ({ label: 'gathers', thrown: one }))
  return [...ofThem, ...(cause === undefined ? [] : [{ label: 'caused by', thrown: cause }])]
}

/** What it says, and below it the frames of the stack that lie in the program. */
function linesOf(thrown: unknown): string[] {
  if (!isError(thrown)) return [`thrown: ${typeof thrown === 'string' ? thrown : shown(thrown)}`]
  const explanation = attempt(() => explainRefusedWrite(thrown), null)
  const headline = `${textIn(thrown, 'name')}: ${textIn(thrown, 'message')}`
  return [explanation === null ? headline : `${headline} (${explanation})`, ...userFrames(stackOf(thrown))]
}

function shown(thrown: unknown): string {
  const options = { breakLength: Number.POSITIVE_INFINITY }
  const plain = (): string =>
    attempt(() => inspect(thrown, { ...options, customInspect: false }), 'what cannot be shown')
  return attempt(() => inspect(thrown, options), null) ?? plain()
}

function stackOf(error: Error): string {
  const read = (): string => String(error.stack ?? '')
  const readUnderTexts = (): string => {
    // V8 puts name and message on top of a stack when it is first read, and there is none if it cannot.
    for (const field of ['name', 'message'] as const)
      Object.defineProperty(error, field, { value: textIn(error, field) })
    return read()
  }
  return attempt(read, null) ?? attempt(readUnderTexts, '')
}

function userFrames(stack: string): string[] {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !isForeign(line))
  return frames.map(frameAsWritten)
}

function isForeign(frame: string): boolean {
  return (
    /\(?node:|<anonymous>\)?$|\(native\)$|[( ]paritas:paritas:/.test(frame) ||
    ownFolders.some((folder) => frame.includes(folder))
  )
}

/** `/a/b.ts:3:5` out of `    at step (/a/b.ts:3:5)`. */
function siteOf(frame: string | undefined): string | null {
  return frame?.match(/(?:\(|at (?:async )?)(?:file:\/\/)?([^()]+:\d+:\d+)\)?$/)?.[1] ?? null
}
