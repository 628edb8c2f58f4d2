/** What a run leaves behind that is killed before any processor could clean up after it. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeOwner, encodeOwner, stateOf, thisProcess } from '../../ownership/index.ts'

const ownerFile = 'owner'

/** Notes in a run's folder whose it is. */
export function markOwner(folder: string): void {
  writeFileSync(join(folder, ownerFile), encodeOwner(thisProcess()))
}

/** Removes the folders in `parent` that are this user's and whose owner has ended; whatever is in doubt stays. */
export function removeLeftovers(parent: string): void {
  for (const name of namesIn(parent)) {
    if (!/^paritas-\w{6}$/.test(name)) continue
    const folder = join(parent, name)
    if (!isLeftover(folder)) continue
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // Another run removes it at the same time.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isLeftover(folder: string): boolean {
  const path = join(folder, ownerFile)
  try {
    const owner = decodeOwner(readFileSync(path, 'utf8'))
    return statSync(path).uid === process.getuid?.() && owner !== null && stateOf(owner) === 'ended'
  } catch {
    return false
  }
}
