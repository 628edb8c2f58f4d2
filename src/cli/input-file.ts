import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { UsageError } from '../program/index.ts'
import { fileError, isSystemError } from './file-errors.ts'

const blockBytes = 1 << 18

/** Makes sure that the file is there and no folder, before anything else is done. Throws a `UsageError`. */
export async function checkInput(path: string): Promise<void> {
  const what = `--input ${path}`
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(what, error)
  })
  if (stats.isDirectory()) throw new UsageError(`${what}: it is a folder; give the name of a file`)
}

/** The text of the file, block by block. Throws a `UsageError` if it cannot be read, and what `signal` is aborted with. */
export async function* readTexts(path: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const text of createReadStream(path, { encoding: 'utf8', highWaterMark: blockBytes })) {
      signal.throwIfAborted()
      yield text as string
    }
  } catch (error) {
    throw isSystemError(error) ? fileError(`--input ${path}`, error) : error
  }
}
