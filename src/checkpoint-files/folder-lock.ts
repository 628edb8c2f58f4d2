import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Name of the file that says which process uses a folder. */
export const lockName = 'lock'

/** Who uses a folder: a process, told apart from a later one with the same number by when it began. */
interface Owner {
  readonly pid: number
  readonly began: string
}

export interface FolderLock {
  release(): Promise<void>
}

/**
 * Takes the folder for this process; a lock whose process is gone counts no more. Returns the number of the process
 * that uses it instead, if one does.
 */
export async function lockFolder(folder: string): Promise<FolderLock | number> {
  const path = join(folder, lockName)
  const own = join(folder, `${lockName}.${process.pid}`)
  await writeFile(own, JSON.stringify({ pid: process.pid, began: (await beganOf(process.pid)) ?? '' }), { mode: 0o600 })
  try {
    for (;;) {
      // Making a link fails where the name is taken: of two that try at the same moment, one gets it.
      if (await link(own, path).then(() => true, isTaken)) return { release: () => rm(path, { force: true }) }
      const owner = await ownerIn(path)
      if (owner !== null && (await beganOf(owner.pid)) === owner.began) return owner.pid
      // Of two that find it abandoned, one moves it away; the other's move fails, and it looks again.
      const aside = `${own}.old`
      await rename(path, aside).catch(ignoreMissing)
      await rm(aside, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
}

function isTaken(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false
  throw error
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

async function ownerIn(path: string): Promise<Owner | null> {
  try {
    const { pid, began } = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>
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
