import { lstatSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../base/index.ts'
import { isSystemError } from '../../file-errors/index.ts'

/**
 * Where the programs of runs are kept on a host: in the temporary folder, for all daemons of this user. Throws a `UsageError` if somebody
 * else has, or can write to, what lies there.
 */
export function bundlesFolder(): string {
  const { uid } = userInfo()
  const path = join(tmpdir(), `paritas-bundles-${uid}`)
  try {
    const found = lstatSync(path)
    const isOurs = found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0
    if (!isOurs)
      throw new UsageError(`${path} is not this user's own folder: remove it, or set TMPDIR to another place`)
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') throw error
  }
  return path
}
