import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileError } from '../../file-errors/index.ts'
import { markOwner, removeLeftovers } from '../../ownership/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Folders that are to go with this process, whatever ends it: several runs may be made at a time. */
const open = new Set<string>()

function removeOpen(): void {
  for (const folder of open) rmSync(folder, { recursive: true, force: true })
}

/**
 * Runs `action` with a folder of its own, which only the user can enter, and removes the folder whatever happens, the
 * end of this process included. Throws a `UsageError` if no folder can be made.
 */
export async function withRunFolder<Value>(action: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = await makeFolder()
  if (open.size === 0) process.on('exit', removeOpen)
  open.add(folder)
  try {
    return await action(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    open.delete(folder)
    if (open.size === 0) process.off('exit', removeOpen)
  }
}

/** Writes a file of a run's own. Throws a `UsageError` that says where there is no room for it. */
export function writeRunFile(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content)
  } catch (error) {
    throw fileError(`cannot write to ${dirname(path)} (set TMPDIR to choose another place)`, error)
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
