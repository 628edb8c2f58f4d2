/** What a run leaves behind that is killed before any processor could clean up after it. */
import { readdirSync, readFileSync, readlinkSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ownerFile = 'owner'

/** The numbers of processes mean something only where they were given: containers may share the folder. */
function numberSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return process.platform
  }
}

/** Notes in a run's folder whose it is. */
export function markOwner(folder: string): void {
  writeFileSync(join(folder, ownerFile), `${process.pid} ${numberSpace()}`)
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
  let stats: Stats
  let owner: string
  try {
    stats = statSync(join(folder, ownerFile))
    owner = readFileSync(join(folder, ownerFile), 'utf8')
  } catch {
    return false
  }
  const [, pid, space] = /^(\d+) (.+)$/.exec(owner) ?? []
  return stats.uid === process.getuid?.() && space === numberSpace() && hasEnded(Number(pid))
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
