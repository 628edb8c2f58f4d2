import type { InputBlock, Program } from './definition.ts'
import { isUsageError, messageOf, UsageError } from './errors.ts'
import { isTypedArray, type TypedArray } from './fields.ts'
import type { AnySizes } from './sizes.ts'
import { checkSizes } from './sizes.ts'

/**
 * What the program makes of the input: the data, and all sizes, those that follow from the input among them. `texts` is
 * the file in pieces of any length. Throws a `UsageError` for what is wrong with the file; any other error that `parse`
 * throws is the program's own and passes through.
 */
export async function parseInput(
  program: Program,
  texts: AsyncIterable<string>,
  context: { readonly size: AnySizes; readonly file: string },
): Promise<{ readonly data: TypedArray; readonly size: AnySizes }> {
  if (program.input === undefined) {
    throw new UsageError(`program '${program.name}' reads no input: leave out --input`)
  }
  const { data, size = {} } = await program.input.parse(splitLines(texts), context)
  if (!isTypedArray(data)) {
    throw new TypeError(`program '${program.name}': input.parse must return { data } with a typed array`)
  }
  const followed = size as AnySizes
  try {
    checkSizes(program, followed)
  } catch (error) {
    throw isUsageError(error) ? new UsageError(`${context.file}: ${messageOf(error)}`) : error
  }
  return { data, size: { ...context.size, ...followed } }
}

/** Cuts text into lines at `\n` or `\r\n`. A byte order mark is dropped; a last line needs no end. */
export async function* splitLines(texts: AsyncIterable<string>): AsyncGenerator<InputBlock> {
  let first = 1
  let rest = ''
  let started = false
  for await (const text of texts) {
    rest += started ? text : text.replace(/^\uFEFF/, '')
    started ||= text.length > 0
    const end = rest.lastIndexOf('\n')
    if (end === -1) continue
    const lines = linesOf(rest.slice(0, end))
    yield { first, lines }
    first += lines.length
    rest = rest.slice(end + 1)
  }
  if (rest !== '') yield { first, lines: linesOf(rest) }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return text.includes('\r') ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines
}
