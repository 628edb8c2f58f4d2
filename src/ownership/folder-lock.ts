/**
 * The lock of a folder: a file that says whose the folder is. One that is abandoned may be removed by one process only,
 * since what another takes for it may be the lock of a third that was quicker.
 *
 * Whoever gets the name 'lock.over-X' may remove the abandoned lock of X; if that owner, Y, dies, then whoever gets
 * 'lock.over-Y' may, and so on. None of these owners comes again. So whoever holds the last of the names and still finds the
 * lock of X is alone with it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeOwner, encodeOwner, stateOf, thisProcess } from './owner.ts'

/** Name of the file that says which process uses a folder. */
export const lockName = 'lock'

/** Whether a file is the lock, or one of those that stand beside it for a moment. */
export function isLockFile(name: string): boolean {
  return name === lockName || name.startsWith(`${lockName}.`)
}

export interface FolderLock {
  release(): Promise<void>
}

/** Who uses the folder, and says so in this file. */
export interface LockHolder {
  readonly pid: number
  readonly machine: string
  readonly file: string
  /** In another container or on another machine: it may have ended long ago, and nobody here can tell. */
  readonly isElsewhere: boolean
}

/** Removing an abandoned lock takes milliseconds; whoever takes longer has been stopped over it. More tries help nobody. */
const triesMax = 100
const pauseMs = 20

/** Takes the folder for this process. A lock whose process has ended counts no more; any other one is never touched. */
export async function lockFolder(folder: string): Promise<FolderLock | LockHolder> {
  const path = join(folder, lockName)
  const own = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await writeOwn(own)
    for (let tries = 1; tries <= triesMax; tries += 1) {
      if (await tryLink(own, path)) return await taken(folder)
      const lock = await readLock(path)
      if (lock === null) continue
      if (lock.holder !== null) return lock.holder
      const remover = await removeAbandoned(path, lock, own)
      if (remover?.isElsewhere || (remover && tries === triesMax)) return remover
      if (remover) await sleep(pauseMs)
    }
    throw new Error(`${path} is there but cannot be read (perhaps a link that leads nowhere); remove it`)
  } finally {
    await rm(own, { force: true })
  }
}

/** Removes what others have left that were killed while they took the folder. */
async function taken(folder: string): Promise<FolderLock> {
  const release = (): Promise<void> => rm(join(folder, lockName), { force: true })
  try {
    for (const name of await readdir(folder)) {
      if (name === lockName || !isLockFile(name)) continue
      const path = join(folder, name)
      const file = await readLock(path)
      if (file?.holder === null) await rm(path, { force: true })
    }
    return { release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Returns the other that is about to remove it, if there is one; null: look again. */
async function removeAbandoned(path: string, abandoned: LockFile, own: string): Promise<LockHolder | null> {
  const over: string[] = []
  for (let last = abandoned; ; ) {
    const name = `${path}.over-${last.id}`
    over.push(name)
    if (await tryLink(own, name)) break
    const before = await readLock(name)
    if (before === null || before.holder !== null) return before?.holder ?? null
    last = before
  }
  if ((await readLock(path))?.id === abandoned.id) await rm(path, { force: true })
  for (const name of over) await rm(name, { force: true })
  return null
}

interface LockFile {
  /** A name that is different for each owner. */
  readonly id: string
  /** Null if it has ended. */
  readonly holder: LockHolder | null
}

/** Null if there is none. Throws what the operating system says. */
async function readLock(file: string): Promise<LockFile | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    // An error of reading, unlike one of opening, does not name the file.
    throw Object.assign(error as Error, { path: file })
  }
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const owner = decodeOwner(text)
  // Cut off by a power cut: whoever wrote it no longer lives.
  const state = owner === null ? 'ended' : stateOf(owner)
  if (owner === null || state === 'ended') return { id, holder: null }
  return { id, holder: { pid: owner.pid, machine: owner.machine, file, isElsewhere: state === 'elsewhere' } }
}

function writeOwn(own: string): Promise<void> {
  return writeFile(own, encodeOwner(thisProcess()), { mode: 0o600 })
}

/** What file systems without hard links say. */
const withoutLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Making a link fails where the name is taken: of two that try at the same moment, one gets it. Whoever has just taken
 * the folder may have found the own file before anything was in it, and removed it as one that was cut off.
 */
async function tryLink(own: string, path: string): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await link(own, path)
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return false
      if (withoutLinks.has(code!)) {
        throw new Error('its file system has no hard links, by which a folder is locked; choose one on another disk')
      }
      if (code !== 'ENOENT' || tries === triesMax) throw error
      await writeOwn(own)
    }
  }
}
