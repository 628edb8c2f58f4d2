import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileError, isSystemError, probeWritable } from '../file-errors.ts'

/** Where the output goes, once it is known that it can. */
export interface OutputTarget {
  /** `--output` and the name as the user wrote it, for messages. */
  readonly what: string
  /** The file itself, where the user named a link to it. */
  readonly path: string
  /** Takes the output until it is complete; null for what is no file, such as a pipe, which is written straight. */
  readonly partialPath: string | null
  /** Permissions of the file that is replaced; null when there is none. */
  readonly mode: number | null
}

/** Text is gathered to pieces of about this length before it is written. */
const pieceLength = 1 << 20

/** Finds out, before anything is computed, whether the output can be written. Throws a `UsageError` if not. */
export async function prepareOutput(given: string): Promise<OutputTarget> {
  const what = `--output ${given}`
  await probeWritable(what, given)
  const path = await realpath(given).catch(() => given)
  const stats = await stat(path).catch(() => null)
  if (stats !== null && !stats.isFile()) return { what, path, partialPath: null, mode: null }
  const partialPath = `${path}.partial`
  await probeWritable(`${what} (written as ${partialPath} first)`, partialPath)
  return { what, path, partialPath, mode: stats === null ? null : stats.mode & 0o777 }
}

/**
 * Writes all of `texts`, then gives the file its name: whoever sees the name sees the whole output. Throws a
 * `UsageError` if the file cannot be written, and what `signal` was aborted with; no partial file is left then.
 */
export async function writeOutput(target: OutputTarget, texts: Iterable<string>, signal: AbortSignal): Promise<void> {
  if (target.partialPath === null) {
    await withFile(target, target.path, (file) => writeAll(target, file, texts, signal))
    return
  }
  try {
    await withFile(target, target.partialPath, async (file) => {
      if (target.mode !== null) await systemCall(target, file.chmod(target.mode))
      await writeAll(target, file, texts, signal)
      await systemCall(target, file.sync())
    })
    await systemCall(target, rename(target.partialPath, target.path))
  } catch (error) {
    await rm(target.partialPath, { force: true })
    throw error
  }
  await syncFolder(dirname(target.path))
}

async function withFile(target: OutputTarget, path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await systemCall(target, open(path, 'w'))
  try {
    await write(file)
  } catch (error) {
    // The first error is the one to tell of.
    await file.close().catch(() => {})
    throw error
  }
  // Some file systems say only now that there was no space.
  await systemCall(target, file.close())
}

async function writeAll(
  target: OutputTarget,
  file: FileHandle,
  texts: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  let piece: string[] = []
  let length = 0
  const flush = async (): Promise<void> => {
    signal.throwIfAborted()
    await systemCall(target, file.writeFile(piece.join('')))
    piece = []
    length = 0
  }
  for (const text of texts) {
    piece.push(text)
    length += text.length
    if (length >= pieceLength) await flush()
  }
  await flush()
}

/** The name itself is on the disk only when its folder is. Not every file system can do it, and the file is complete. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}

async function systemCall<Value>(target: OutputTarget, call: Promise<Value>): Promise<Value> {
  try {
    return await call
  } catch (error) {
    throw isSystemError(error) ? fileError(target.what, error) : error
  }
}
