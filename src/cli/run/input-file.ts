import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type SourceFile, UsageError } from '../../program/index.ts'
import { fileError, isSystemError } from '../file-errors.ts'

const blockBytes = 1 << 18

/** Makes sure that the file is there and no folder, before anything else is done. Throws a `UsageError`. */
export async function checkInput(path: string): Promise<void> {
  const what = `--input ${path}`
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(what, error)
  })
  if (stats.isDirectory()) throw new UsageError(`${what}: it is a folder; give the name of a file`)
}

/** The file for the program to read. Its functions throw a `UsageError` where it cannot be read, and what `signal` is aborted with. */
export function sourceFile(path: string, signal: AbortSignal): SourceFile {
  return { name: path, texts: () => readTexts(path, signal), bytes: () => readBytes(path, signal) }
}

async function* readTexts(path: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const text of createReadStream(path, { encoding: 'utf8', highWaterMark: blockBytes })) {
      signal.throwIfAborted()
      yield text as string
    }
  } catch (error) {
    throw readError(path, error)
  }
}

async function readBytes(path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path)
    signal.throwIfAborted()
    return bytes
  } catch (error) {
    throw readError(path, error)
  }
}

function readError(path: string, error: unknown): unknown {
  return isSystemError(error) ? fileError(`--input ${path}`, error) : error
}
