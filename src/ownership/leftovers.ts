/** What a run leaves behind that is killed before any processor could clean up after it. */
import { randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { decodeOwner, decodeOwnerTag, encodeOwner, ownerTag, stateOf, thisProcess } from './owner.ts'

const ownerFile = 'owner'

/** Writes into a run's folder which process it belongs to. */
export function markOwner(folder: string): void {
  writeFileSync(join(folder, ownerFile), encodeOwner(thisProcess()))
}

/** Removes the folders in `parent` that are this user's and whose owner has ended; whatever is in doubt stays. */
export function removeLeftovers(parent: string): void {
  for (const name of namesIn(parent)) {
    if (!/^paritas-\w{6}$/.test(name)) continue
    const folder = join(parent, name)
    if (!isLeftover(folder)) continue
    remove(folder)
  }
}

/** A name that no other file has, for an output that is not complete yet. It says whose it is. */
export function partialName(): string {
  return `.paritas-${ownerTag(thisProcess())}-${randomBytes(4).toString('hex')}.partial`
}

/** A name that no other file has, for an output that could not be written to `path`. Nobody but the user removes it. */
export function keptName(path: string): string {
  return `paritas-output-${randomBytes(4).toString('hex')}${extname(path).slice(0, 16)}`
}

/** Removes the incomplete outputs in `folder` that are this user's and whose owner has ended; whatever is in doubt stays. */
export function removePartials(folder: string): void {
  for (const name of namesIn(folder)) {
    const [, tag] = /^\.paritas-([\da-f-]+)-[\da-f]{8}\.partial$/.exec(name) ?? []
    const owner = tag === undefined ? null : decodeOwnerTag(tag)
    const path = join(folder, name)
    if (owner !== null && stateOf(owner) === 'ended' && isOwnFile(path)) remove(path)
  }
}

function isOwnFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() === true && stats.uid === process.getuid?.()
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // Another run removes it at the same time.
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
