import { fileURLToPath } from 'node:url'
import { explainRefusedWrite } from '../../memory/native/index.ts'

/** What a program threw, as its author wants to see it. */
export interface Failure {
  /** The message, and below it the frames of the stack that lie in the program. */
  readonly error: string
  /** The place in the program that threw, `file:line:column`; the message where no such place is known. */
  readonly site: string
}

/** Where this package's own code lies; its sources too, since source maps may name them. */
const ownFolders = ['dist', 'src'].map((folder) => fileURLToPath(new URL(`../../../${folder}/`, import.meta.url)))

/** Describes anything that was thrown, without the frames of Node and of this package. */
export function describeFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) {
    const text = `thrown: ${String(thrown)}`
    return { error: text, site: text }
  }
  const explanation = explainRefusedWrite(thrown)
  const headline = `${thrown.name}: ${thrown.message}${explanation === null ? '' : ` (${explanation})`}`
  const frames = userFrames(thrown.stack ?? '')
  return { error: [headline, ...frames].join('\n'), site: siteOf(frames[0]) ?? headline }
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
