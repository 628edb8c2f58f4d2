import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryFolder } from '../../machine/index.ts'
import { fileError } from '../file-errors.ts'
import { markOwner, removeLeftovers } from './leftovers.ts'

/**
 * Runs `action` with a folder of its own, which only the user can enter, and removes the folder whatever happens, the
 * end of this process included. Throws a `UsageError` if no folder can be made.
 */
export async function withRunFolder<Value>(action: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await makeFolder()
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true })
  process.on('exit', removeNow)
  try {
    return await action(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    process.off('exit', removeNow)
  }
}

async function makeFolder(): Promise<string> {
  const parent = temporaryFolder(tmpdir())
  removeLeftovers(parent)
  let folder: string | null = null
  try {
    folder = await mkdtemp(join(parent, 'paritas-'))
    markOwner(folder)
    return folder
  } catch (error) {
    if (folder !== null) await rm(folder, { recursive: true, force: true })
    throw fileError(`cannot make a folder in ${parent} (set TMPDIR to choose another place)`, error)
  }
}
