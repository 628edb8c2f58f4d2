import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
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

/** Describes anything that was thrown, with its causes, without the frames of Node and of this package. */
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
  const kind = thrown instanceof Error ? thrown.name : 'thrown'
  return { error: [headline, ...frames, ...below].join('\n'), site: siteOf(frames[0]) ?? kind }
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined
}

/** What it says, and below it the frames of the stack that lie in the program. */
function linesOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error))
    return [
      `thrown: ${typeof thrown === 'string' ? thrown : inspect(thrown, { breakLength: Number.POSITIVE_INFINITY })}`,
    ]
  const explanation = explainRefusedWrite(thrown)
  const headline = `${thrown.name}: ${thrown.message}${explanation === null ? '' : ` (${explanation})`}`
  return [headline, ...userFrames(thrown.stack ?? '')]
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
