import type { InputBlock, Program } from './definition.ts'
import { enumerate, isUsageError, messageOf, UsageError } from './errors.ts'
import { isTypedArray, type TypedArray } from './fields.ts'
import type { AnySizes } from './sizes.ts'
import { checkSizes } from './sizes.ts'

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
  if (input === undefined) throw new UsageError(`program '${name}' reads no input: leave out --input`)
  const names = inputFileNames(program)
  if (sources.length !== names.length) {
    const wanted = names.length === 1 ? 'one file' : `${names.length} files`
    const given = sources.length === 1 ? '1 was' : `${sources.length} were`
    throw new UsageError(`program '${name}' reads ${wanted}, --input ${names.join(' ')}, but ${given} given`)
  }
  const files = sources.map((source) => ({
    name: source.name,
    lines: () => splitLines(source.texts()),
    bytes: () => source.bytes(),
  }))
  const [file] = files
  const parsed =
    'read' in input ? await input.read(files, { size }) : await input.parse(file!.lines(), { size, file: file!.name })
  if (!isTypedArray(parsed.data)) {
    const reader = 'read' in input ? 'input.read' : 'input.parse'
    throw new TypeError(`program '${name}': ${reader} must return { data } with a typed array`)
  }
  const followed = (parsed.size ?? {}) as AnySizes
  try {
    checkSizes(program, followed)
  } catch (error) {
    const where = enumerate(files.map((one) => one.name))
    throw isUsageError(error) ? new UsageError(`${where}: ${messageOf(error)}`) : error
  }
  return { data: parsed.data, size: { ...size, ...followed } }
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
