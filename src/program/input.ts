import { enumerate, isUsageError, messageOf, quoted, UsageError } from '../base/index.ts'
import type { InputBlock, Program } from './definition.ts'
import { isTypedArray, type TypedArray } from './fields.ts'
import type { AnySizes } from './sizes.ts'
import { checkSizes } from './sizes.ts'
import { unknownKey } from './texts.ts'

/** A file of --input as it comes from outside; each function may be called once. */
export interface SourceFile {
  readonly name: string
  /** Its text, in pieces of any length. */
  texts(): AsyncIterable<string>
  bytes(): Promise<Uint8Array>
}

export interface ReadInput {
  readonly data: TypedArray
  /** All sizes, those that follow from the input among them. */
  readonly size: AnySizes
}

/** What --input takes after it, by name: empty for a program that reads no input. */
export function inputFileNames({ input }: Program): readonly string[] {
  if (input === undefined) return []
  return 'files' in input ? input.files : ['FILE']
}

/**
 * What the program makes of the files of --input. Throws a `UsageError` for a wrong number of files and for what is
 * wrong in one; any other error that the program throws is its own and passes through.
 */
export async function readInput(
  program: Program,
  sources: readonly SourceFile[],
  { size }: { readonly size: AnySizes },
): Promise<ReadInput> {
  const { name, input } = program
  if (input === undefined) throw new UsageError(`program ${quoted(name)} reads no input: leave out --input`)
  const names = inputFileNames(program)
  if (sources.length !== names.length) {
    const wanted = names.length === 1 ? 'one file' : `${names.length} files`
    const given = sources.length === 1 ? '1 was' : `${sources.length} were`
    throw new UsageError(`program ${quoted(name)} reads ${wanted}, --input ${names.join(' ')}, but ${given} given`)
  }
  const files = sources.map((source) => ({
    name: source.name,
    lines: () => splitLines(source.texts(), source.name),
    bytes: () => source.bytes(),
  }))
  const [file] = files
  const parsed =
    'read' in input ? await input.read(files, { size }) : await input.parse(file!.lines(), { size, file: file!.name })
  const reader = `program ${quoted(name)}: ${'read' in input ? 'input.read' : 'input.parse'}`
  if (!isTypedArray(parsed?.data)) throw new TypeError(`${reader} must return { data } with a typed array`)
  const unknown = unknownKey(parsed, ['data', 'size'])
  if (unknown !== null) throw new TypeError(`${reader} returned what ${unknown}`)
  const followed = (parsed.size ?? {}) as AnySizes
  try {
    checkSizes(program, followed)
  } catch (error) {
    const where = enumerate(files.map((one) => one.name))
    throw isUsageError(error) ? new UsageError(`${where}: ${messageOf(error)}`) : error
  }
  return { data: parsed.data, size: { ...size, ...followed } }
}

/** The longest line that is read, in characters: a file whose lines are longer is of another kind, and could fill the memory. */
const lineLengthMax = 2 ** 27

/**
 * Cuts text into lines at `\n` or `\r\n`. A byte order mark is dropped; a last line needs no end. Throws a `UsageError`
 * that names `file` for a line longer than `lengthMax`.
 */
export async function* splitLines(
  texts: AsyncIterable<string>,
  file: string,
  lengthMax = lineLengthMax,
): AsyncGenerator<InputBlock> {
  let first = 1
  // The line that has not ended yet, in pieces: putting it together at each of them would take time by the square of its length.
  let open: string[] = []
  let openLength = 0
  let started = false
  for await (const text of texts) {
    const piece = started ? text : text.replace(/^\uFEFF/, '')
    started ||= text.length > 0
    const end = piece.lastIndexOf('\n')
    if (end >= 0) {
      const lines = linesOf(`${open.join('')}${piece.slice(0, end)}`)
      yield { first, lines }
      first += lines.length
      open = []
      openLength = 0
    }
    open.push(piece.slice(end + 1))
    openLength += piece.length - end - 1
    if (openLength > lengthMax) {
      throw new UsageError(
        `${file}:${first}: the line goes on beyond ${lengthMax} characters, more than any line may have`,
      )
    }
  }
  if (openLength > 0) yield { first, lines: linesOf(open.join('')) }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return text.includes('\r') ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines
}
