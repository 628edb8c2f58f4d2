import { readdir, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { UsageError } from '../../base/index.ts'
import {
  clearAll,
  type Found,
  findNewest,
  isCheckpointFile,
  nodeFolder,
  OtherFormatError,
  partialEnding,
} from '../../checkpoint-files/index.ts'
import { fileError } from '../../file-errors/index.ts'
import { resumeCommand } from '../../machine/index.ts'
import { type FolderLock, isLockFile, type LockHolder, lockFolder, lockName } from '../../ownership/index.ts'
import { makeNamedFolder } from '../named-paths.ts'

/** The file that keeps what --input gave. */
export const inputFileName = 'input.bin'

/** The second one is left where the writing of it was cut off. */
const inputFileNames = [inputFileName, inputFileName + partialEnding]

/** Whether a file of the folder is one that runs write into it. */
function isOwnFile(name: string): boolean {
  return isCheckpointFile(name) || isLockFile(name) || inputFileNames.includes(name)
}

/** A folder of checkpoints that this command alone uses. */
export interface CheckpointFolder extends Found {
  readonly path: string
  /** What the user wrote, for messages. */
  readonly what: string
}

/**
 * Runs `action` with the folder of --checkpoint-dir, new or empty, which is locked meanwhile. Throws a `UsageError` if
 * it is in use, holds an earlier run, readable or not, or anything else, or cannot be written.
 */
export async function withNewFolder<Value>(
  path: string,
  action: (folder: CheckpointFolder) => Promise<Value>,
): Promise<Value> {
  const what = `--checkpoint-dir ${path}`
  await makeNamedFolder(what, path)
  return withLock(path, what, async () => {
    const names = await namesIn(path, what)
    const foreign = names.find((name) => !isOwnFile(name))
    if (foreign !== undefined)
      throw new UsageError(`${what}: it holds other files (${foreign}); choose a folder of its own`)
    const found = await findWhole(path, what)
    if (found.newest !== null) {
      throw new UsageError(
        `${what}: it holds an unfinished run; go on with it by '${resumeCommand(path)}', or choose another`,
      )
    }
    // A run that begins removes what is there: never what another version, or the same one later, can go on from.
    const [why] = found.passedOver
    if (why !== undefined) {
      throw new UsageError(
        `${what}: it holds a checkpoint that cannot be read (${why}); remove it, or choose another folder`,
      )
    }
    return action({ ...found, path, what })
  })
}

/** Runs `action` with a folder that holds a whole checkpoint, which is locked meanwhile. Throws a `UsageError`. */
export async function withOldFolder<Value>(
  path: string,
  action: (folder: CheckpointFolder) => Promise<Value>,
): Promise<Value> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(path, error)
  })
  if (!stats.isDirectory()) throw new UsageError(`${path}: it is no folder; give the one of --checkpoint-dir`)
  const names = await namesIn(path, path)
  if (names.some((name) => !isOwnFile(name)) && !names.some(isCheckpointFile)) {
    throw new UsageError(`${path}: it holds no checkpoints; give the folder of --checkpoint-dir`)
  }
  return withLock(path, path, async () => {
    const found = await findWhole(path, path)
    if (found.newest !== null) return action({ ...found, path, what: path })
    if (found.passedOver.length === 0) throw new UsageError(`${path}: ${nothingYet}`)
    throw new UsageError(`${path}: there is no whole checkpoint${inBrackets(found.passedOver)}; ${wayAnew}`)
  })
}

/** Throws a `UsageError` if another version of Paritas has written what is there. */
async function findWhole(path: string, what: string): Promise<Found> {
  try {
    return await findNewest(nodeFolder(path))
  } catch (error) {
    throw error instanceof OtherFormatError ? new UsageError(`${what}: ${error.message}`) : error
  }
}

/** What is to be said of each, in one line. */
export function inBrackets(passedOver: readonly string[]): string {
  return passedOver.length === 0 ? '' : ` (${passedOver.join('; ')})`
}

/** Either nothing was there yet, or nothing is left since it ended well. */
const nothingYet =
  "there is no checkpoint: the run ended before its first one was whole, or it has finished; begin it again: 'paritas run' with the same --checkpoint-dir"

/** What is left to do where none of the checkpoints can be read. */
const wayAnew = "start anew: 'paritas run' with an empty --checkpoint-dir"

function namesIn(path: string, what: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    throw fileError(what, error)
  })
}

/** Runs `action` while no other process uses the folder. Throws a `UsageError` if one may; `what` names the folder. */
export async function withLock<Value>(path: string, what: string, action: () => Promise<Value>): Promise<Value> {
  let lock: FolderLock | LockHolder
  try {
    lock = await lockFolder(path)
  } catch (error) {
    const { path: file = '' } = error as NodeJS.ErrnoException
    throw fileError(basename(file) === lockName ? `${what}: ${lockName}` : what, error)
  }
  if ('pid' in lock) throw new UsageError(`${what}: ${inUse(lock)}`)
  try {
    return await action()
  } finally {
    await lock.release()
  }
}

function inUse({ pid, machine, file, isElsewhere }: LockHolder): string {
  if (!isElsewhere) return `it is in use by a run that goes on (pid ${pid})`
  const [name] = machine.split(' ')
  return `it is in use by a run in another container or on another machine (pid ${pid} on ${name}); if that has ended, remove ${file}`
}

/** Removes all that runs have written, but for the lock: nobody will go on with them. */
export async function emptyFolder(path: string): Promise<void> {
  const folder = nodeFolder(path)
  try {
    await clearAll(folder)
  } finally {
    for (const name of inputFileNames) await folder.remove(name)
  }
}
