import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { UsageError } from '../../base/index.ts'
import { decodeOwnerTag, ownerTag, stateOf, thisProcess } from '../../ownership/index.ts'
import type { ReadText } from '../limits/control-groups.ts'
import { readText } from '../limits/limits.ts'
import { findGroupTree, type GroupObstacle, type GroupTree, processesIn } from './group-tree.ts'
import { type GroupFile, limitFiles, weightFile } from './limit-files.ts'

/** The files of control groups. What the system refuses is thrown, but for reading. */
export interface GroupFiles {
  read(path: string): string | null
  write(path: string, content: string): void
  make(folder: string): void
  /** Only where no process is in it. */
  remove(folder: string): void
  /** Of the groups in it, and of files; none where there is no such folder. */
  names(folder: string): string[]
  whyReadOnly(path: string): string | null
}

const prefix = 'paritas-'
/** Of version 2: where those wait that have to leave the group that is divided. */
const waitingRoom = 'launcher'

const reading =
  (files: GroupFiles): ReadText =>
  (path) =>
    files.read(path)

/** Where this process can make groups of processor time, or why it cannot. */
export function lookForShares(files: GroupFiles = systemFiles): GroupTree | GroupObstacle {
  return findGroupTree(reading(files), (path) => files.whyReadOnly(path), process.pid)
}

/**
 * A share of processor time for each processor, as if it were on a machine of its own. Each is in a control group, below
 * one of this process, below the one that this process is in; itself it is not limited.
 */
export class ProcessorShares {
  readonly #tree: GroupTree
  readonly #folder: string
  readonly #coresEach: number
  readonly #files: GroupFiles
  readonly #pids = new Set<number>()
  #isOpen = true
  readonly #onExit = (): void => this.close()

  private constructor(tree: GroupTree, coresEach: number, files: GroupFiles) {
    this.#tree = tree
    this.#folder = `${tree.folder}/${prefix}${ownerTag(thisProcess())}`
    this.#coresEach = coresEach
    this.#files = files
  }

  /** `what` names the wish. Throws a `UsageError` if the system has no such groups, or refuses them. */
  static open(what: string, coresEach: number, files: GroupFiles = systemFiles): ProcessorShares {
    const tree = lookForShares(files)
    if ('why' in tree) throw new UsageError(obstacleText(what, tree))
    removeLeftovers(tree, files)
    const shares = new ProcessorShares(tree, coresEach, files)
    process.on('exit', shares.#onExit)
    try {
      shares.#divide()
      shares.#tryOut()
      return shares
    } catch (error) {
      shares.close()
      const why = `the control group ${tree.folder} cannot be divided (${(error as Error).message})`
      throw new UsageError(obstacleText(what, { why, advice: 'run it as root, or leave the option out' }))
    }
  }

  /** The process, with all of its threads, gets its share. */
  admit(pid: number): void {
    const group = this.#groupOf(pid)
    this.#files.make(group)
    this.#pids.add(pid)
    for (const file of limitFiles(this.#tree.version, this.#coresEach)) this.#write(group, file)
    this.#write(this.#folder, weightFile(this.#tree.version, this.#pids.size))
    this.#write(group, ['cgroup.procs', String(pid)])
  }

  /** The process has ended. */
  release(pid: number): void {
    if (this.#pids.delete(pid)) quietly(() => this.#files.remove(this.#groupOf(pid)))
  }

  /** Removes all groups. The processes that were in them have ended. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.off('exit', this.#onExit)
    removeGroup(this.#tree, this.#folder, this.#files)
  }

  #divide(): void {
    const { version, folder, isDivided, hasToBeLeft } = this.#tree
    this.#files.make(this.#folder)
    if (version === 1) return
    const waiting = `${this.#folder}/${waitingRoom}`
    this.#files.make(waiting)
    const leaving = hasToBeLeft ? processesIn(reading(this.#files), folder) : []
    for (const pid of leaving) this.#write(waiting, ['cgroup.procs', String(pid)])
    if (!isDivided) this.#write(folder, ['cgroup.subtree_control', '+cpu'])
    this.#write(this.#folder, ['cgroup.subtree_control', '+cpu'])
  }

  /** Whether a group takes the limit shows only when it is given: now, and not when the first processor has started. */
  #tryOut(): void {
    const group = `${this.#folder}/trial`
    this.#files.make(group)
    for (const file of limitFiles(this.#tree.version, this.#coresEach)) this.#write(group, file)
    this.#files.remove(group)
  }

  #groupOf(pid: number): string {
    return `${this.#folder}/p${pid}`
  }

  #write(group: string, [name, content]: GroupFile): void {
    this.#files.write(`${group}/${name}`, content)
  }
}

export function obstacleText(what: string, { why, advice }: GroupObstacle): string {
  return `${what}: ${why}; ${advice}`
}

/** Groups of launchers that were killed, whose processors have ended after them. */
function removeLeftovers(tree: GroupTree, files: GroupFiles): void {
  for (const name of files.names(tree.folder)) {
    const owner = name.startsWith(prefix) ? decodeOwnerTag(name.slice(prefix.length)) : null
    if (owner && stateOf(owner) === 'ended') removeGroup(tree, `${tree.folder}/${name}`, files)
  }
}

/** The group with all groups in it. What had to leave its parent for it comes back. */
function removeGroup({ version, folder, isDivided }: GroupTree, group: string, files: GroupFiles): void {
  const inner = files.names(group).filter((name) => /^p\d+$|^trial$/.test(name))
  for (const name of inner) quietly(() => files.remove(`${group}/${name}`))
  if (version === 2) {
    const waiting = `${group}/${waitingRoom}`
    quietly(() => files.write(`${group}/cgroup.subtree_control`, '-cpu'))
    if (!isDivided) quietly(() => files.write(`${folder}/cgroup.subtree_control`, '-cpu'))
    const waiters = processesIn(reading(files), waiting)
    for (const pid of waiters) quietly(() => files.write(`${folder}/cgroup.procs`, String(pid)))
    quietly(() => files.remove(waiting))
  }
  quietly(() => files.remove(group))
}

/** What cannot be put in order now is a leftover, which the next one removes. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // A process is still in it, or it is gone already.
  }
}

const systemFiles: GroupFiles = {
  read: readText,
  write: (path, content) => writeFileSync(path, content),
  make: (folder) => mkdirSync(folder),
  remove: (folder) => rmdirSync(folder),
  names(folder) {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  },
  whyReadOnly(path) {
    try {
      accessSync(path, constants.W_OK)
      return null
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'EACCES'
    }
  },
}
