import { type FileHandle, open, stat } from 'node:fs/promises'
import { enumerate, isUsageError, UsageError } from '../../base/index.ts'
import { fileError, isSystemError } from '../../file-errors/index.ts'
import { openForReading } from '../../files/index.ts'
import { type AnySizes, type Program, readInput, type SourceFile, type TypedArray } from '../../program/index.ts'
import { asProgramPart } from '../failure.ts'
import type { RunView } from './view.ts'

const partBytes = 1 << 24

/** Makes sure that the file is there and no folder, before anything else is done. Throws a `UsageError`. */
export async function checkInput(path: string): Promise<void> {
  const what = `--input ${path}`
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(what, error)
  })
  if (stats.isDirectory()) throw new UsageError(`${what}: it is a folder; give the name of a file`)
}

/** The input, and the sizes with those that follow from it. Throws a `UsageError`, or a `ProgramError`. */
export async function readFiles(
  program: Program,
  size: AnySizes,
  paths: readonly string[],
  view: RunView,
  signal: AbortSignal,
): Promise<{ readonly input: TypedArray | null; readonly sizes: AnySizes }> {
  if (paths.length === 0) return { input: null, sizes: size }
  view.activity(`reading ${enumerate(paths)}`)
  const part = program.input !== undefined && 'read' in program.input ? 'input.read' : 'input.parse'
  const sources = paths.map((path) => sourceFile(path, signal))
  const read = () => readInput(program, sources, { size })
  const { data, size: sizes } = await asProgramPart(`${part} of program '${program.name}'`, read, isUsageError)
  return { input: data, sizes }
}

/** The file for the program to read. Its functions throw a `UsageError` where it cannot be read, and what `signal` is aborted with. */
export function sourceFile(path: string, signal: AbortSignal): SourceFile {
  return { name: path, texts: () => readTexts(path, signal), bytes: () => readBytes(path, signal) }
}

async function* readTexts(path: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const text of (await openForReading(path, signal)).setEncoding('utf8')) yield text as string
  } catch (error) {
    signal.throwIfAborted()
    throw readError(path, error)
  }
}

/** In parts, since Node reads no more than 2 GiB in one go. */
async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    if (!(await stat(path)).isFile()) return await readPipe(path, signal)
    const file = await open(path)
    try {
      return await readAll(path, file, signal)
    } finally {
      await file.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    throw readError(path, error)
  }
}

async function readPipe(path: string, signal: AbortSignal): Promise<Uint8Array> {
  let bytes = roomFor(path, 0)
  let length = 0
  for await (const part of (await openForReading(path, signal)) as AsyncIterable<Uint8Array>) {
    if (length + part.length > bytes.length) bytes = grown(path, bytes, 2 * (length + part.length))
    bytes.set(part, length)
    length += part.length
  }
  return bytes.subarray(0, length)
}

/** The size that a file has when it is opened is only a guess: it may grow. */
async function readAll(path: string, file: FileHandle, signal: AbortSignal): Promise<Uint8Array> {
  const { size } = await file.stat()
  let bytes = roomFor(path, size)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, Math.min(partBytes, bytes.length - length), null)
    signal.throwIfAborted()
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
    if (length < bytes.length) continue
    bytes = grown(path, bytes, 2 * length)
  }
}

function grown(path: string, bytes: Uint8Array, length: number): Uint8Array {
  const larger = roomFor(path, length)
  larger.set(bytes)
  return larger
}

/**
 * Room for so many bytes, and for one more, so that the end shows. Throws a `UsageError` where JavaScript has no array of
 * that length, or the computer no memory.
 */
function roomFor(path: string, bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes + 1)
  } catch {
    throw new UsageError(`--input ${path}: ${bytes} bytes are more than can be read in one piece; use a smaller file`)
  }
}

function readError(path: string, error: unknown): unknown {
  return isSystemError(error) ? fileError(`--input ${path}`, error) : error
}
