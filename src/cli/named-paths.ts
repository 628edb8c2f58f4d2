import { constants, writeSync } from 'node:fs'
import { access, open, stat, unlink } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { UsageError } from '../base/index.ts'
import { makeFolder } from '../checkpoint-files/index.ts'
import { fileError, isSystemError } from '../file-errors/index.ts'
import { findFile, type NamedFile } from '../files/index.ts'

/** Makes a folder that a user has named, unless it is there. Throws a `UsageError`; `what` says which. */
export async function makeNamedFolder(what: string, path: string): Promise<void> {
  try {
    await makeFolder(path)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EEXIST') throw fileError(what, error)
    const { path: taken = path } = error
    const who = resolve(taken) === resolve(path) ? 'it' : taken
    const kind = await stat(taken).then(
      () => 'a file',
      () => 'a link that leads nowhere',
    )
    throw new UsageError(`${what}: ${who} is ${kind}; give the name of a folder`)
  }
}

/**
 * Makes sure that a file can be written, by creating it and taking it away again: permission bits alone do not tell. A
 * file that is there keeps its content. Throws a `UsageError`.
 */
export async function probeWritable(what: string, name: string): Promise<NamedFile> {
  try {
    const file = await findFile(name)
    const { path, stats, descriptor } = file
    if (stats?.isDirectory() || name.endsWith(sep))
      throw new UsageError(`${what}: it is a folder; give the name of a file`)
    if (descriptor !== null) writeSync(descriptor, new Uint8Array(0))
    else if (stats?.isSocket()) throw new UsageError(`${what}: it is a socket; give the name of a file`)
    else if (stats !== null) await access(path, constants.W_OK)
    else {
      await (await open(path, 'wx')).close()
      await unlink(path)
    }
    return file
  } catch (error) {
    if (!isSystemError(error)) throw error
    if (error.code !== 'ENOENT') throw fileError(what, error)
    throw new UsageError(`${what}: no such folder: ${error.syscall === 'realpath' ? error.path : dirname(name)}`)
  }
}
