import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { attempt, isError, textIn } from '../../base/index.ts'
import { explainRefusedWrite } from '../../memory/native/index.ts'

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

/** Causes of causes are told down to this depth. */
const causesMax = 5

/**
 * Describes anything that was thrown, with its causes, without the frames of Node and of this package. It never throws,
 * whatever getters and proxies do that it has to read.
 */
export function describeFailure(thrown: unknown): ProgramFailure {
  const [headline = '', ...frames] = linesOf(thrown)
  const causes: unknown[] = []
  for (let cause = causeOf(thrown); cause !== undefined && causes.length < causesMax; cause = causeOf(cause)) {
    if (cause === thrown || causes.includes(cause)) break
    causes.push(cause)
  }
  const below = causes.flatMap((cause) => {
    const [line, ...rest] = linesOf(cause)
    return [`  caused by ${line}`, ...rest]
  })
  const kind = isError(thrown) ? textIn(thrown, 'name') : 'thrown'
  return { error: [headline, ...frames, ...below].join('\n'), site: siteOf(frames[0]) ?? kind }
}

function causeOf(thrown: unknown): unknown {
  return isError(thrown) ? attempt(() => thrown.cause, 'what cannot be read') : undefined
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
  return stack.split('\n').filter((line) => /^\s+at /.test(line) && !isForeign(line))
}

function isForeign(frame: string): boolean {
  return /\(?node:|<anonymous>\)?$|\(native\)$/.test(frame) || ownFolders.some((folder) => frame.includes(folder))
}

/** `/a/b.ts:3:5` out of `    at step (/a/b.ts:3:5)`. */
function siteOf(frame: string | undefined): string | null {
  return frame?.match(/(?:\(|at (?:async )?)(?:file:\/\/)?([^()]+:\d+:\d+)\)?$/)?.[1] ?? null
}
