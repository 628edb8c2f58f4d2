import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DamagedFileError } from './damaged-file.ts'

/** Name of the file that says which process uses a folder. */
export const lockName = 'lock'

/** Whoever has the lock's name with this may remove a lock that is abandoned. */
const overEnding = '.over'

/** Who uses a folder: a process, told apart from a later one with the same number by when it began. */
interface Owner {
  readonly pid: number
  readonly began: string
}

export interface FolderLock {
  release(): Promise<void>
}

/** Removing an abandoned lock takes milliseconds; whoever takes longer has died over it. */
const triesMax = 100
const pauseMs = 20

/**
 * Takes the folder for this process; a lock whose process is gone counts no more. Returns the number of the process
 * that uses it instead, if one does. Throws a `DamagedFileError` if somebody died while removing such a lock.
 */
export async function lockFolder(folder: string): Promise<FolderLock | number> {
  const path = join(folder, lockName)
  const own = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  await writeFile(own, JSON.stringify({ pid: process.pid, began: (await beganOf(process.pid)) ?? '' }), { mode: 0o600 })
  try {
    for (let tries = 0; tries < triesMax; tries += 1) {
      if (await tryLink(own, path)) return { release: () => rm(path, { force: true }) }
      const owner = await liveOwnerIn(path)
      if (typeof owner === 'number') return owner
      if (owner === 'abandoned' && !(await removeAbandoned(path, own))) await sleep(pauseMs)
    }
  } finally {
    await rm(own, { force: true })
  }
  throw new DamagedFileError(
    lockName + overEnding,
    'a process that has died was taking the folder over; remove this file',
  )
}

/**
 * Of those that find a lock abandoned, only one at a time looks again and removes it: what it sees cannot be the lock
 * of another that was quicker. False: another is at it.
 */
async function removeAbandoned(path: string, own: string): Promise<boolean> {
  const over = path + overEnding
  if (!(await tryLink(own, over))) return false
  try {
    if ((await liveOwnerIn(path)) === 'abandoned') await rm(path, { force: true })
  } finally {
    await rm(over, { force: true })
  }
  return true
}

/** Making a link fails where the name is taken: of two that try at the same moment, one gets it. */
function tryLink(own: string, path: string): Promise<boolean> {
  return link(own, path).then(() => true, isTaken)
}

function isTaken(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false
  throw error
}

/** The number of the process that holds the lock, if it lives. Throws what the operating system says. */
async function liveOwnerIn(path: string): Promise<number | 'abandoned' | 'missing'> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw error
  }
  const owner = ownerOf(text)
  return owner !== null && (await beganOf(owner.pid)) === owner.began ? owner.pid : 'abandoned'
}

function ownerOf(text: string): Owner | null {
  try {
    const { pid, began } = JSON.parse(text) as Partial<Owner>
    return typeof pid === 'number' && typeof began === 'string' ? { pid, began } : null
  } catch {
    // Cut off by a power cut: nobody lives who wrote it.
    return null
  }
}

/** When a process began, in ticks since which boot; null if there is no such process any more. */
async function beganOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1')
    // Behind the name of the command, which may hold anything, the start is the 20th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // One that was killed and not fetched yet does nothing more.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : `${fields[19]}@${boot.trim()}`
  } catch {
    return null
  }
}
