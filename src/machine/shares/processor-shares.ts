import { UsageError } from '../../base/index.ts'
import { decodeOwnerTag, ownerTag, stateOf, thisProcess } from '../../ownership/index.ts'
import {
  type DividedGroup,
  type GroupFiles,
  makeGroup,
  quietly,
  reading,
  removeGroup,
  systemFiles,
  tryLimits,
  writeTo,
} from './divided-group.ts'
import { findGroupTree, type GroupController, type GroupObstacle, type GroupTree } from './group-tree.ts'
import { limitFiles, weightFile } from './limit-files.ts'

const prefix = 'paritas-'

/** Where this process can make groups of processor time, or why it cannot. */
export function lookForShares(files: GroupFiles = systemFiles): GroupTree | GroupObstacle {
  return lookForGroups('cpu', files)
}

/** Where this process can make groups that limit what `controller` says, or why it cannot. */
export function lookForGroups(controller: GroupController, files: GroupFiles = systemFiles): GroupTree | GroupObstacle {
  return findGroupTree(reading(files), (path) => files.whyReadOnly(path), process.pid, controller)
}

/**
 * A share of processor time for each processor, as if it were on a machine of its own. Each is in a control group, below
 * one of this process, below the one that this process is in; itself it is not limited.
 */
export class ProcessorShares {
  readonly #group: DividedGroup
  readonly #coresEach: number
  readonly #files: GroupFiles
  readonly #pids = new Set<number>()
  #isOpen = true
  readonly #onExit = (): void => this.close()

  private constructor(tree: GroupTree, coresEach: number, files: GroupFiles) {
    this.#group = ownGroup(tree, `${prefix}${ownerTag(thisProcess())}`)
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
      makeGroup(shares.#group, files)
      tryLimits(shares.#group, limitFiles(tree.version, coresEach), files)
      return shares
    } catch (error) {
      shares.close()
      const why = `the control group ${tree.folder} cannot be divided (${(error as Error).message})`
      throw new UsageError(obstacleText(what, { why, advice: 'run it as root, or leave the option out' }))
    }
  }

  /** The process, with all of its threads, gets its share. */
  admit(pid: number): void {
    const { tree, folder } = this.#group
    const group = this.#groupOf(pid)
    this.#files.make(group)
    this.#pids.add(pid)
    for (const file of limitFiles(tree.version, this.#coresEach)) writeTo(this.#files, group, file)
    writeTo(this.#files, folder, weightFile(tree.version, this.#pids.size))
    writeTo(this.#files, group, ['cgroup.procs', String(pid)])
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
    removeGroup(this.#group, this.#files)
  }

  #groupOf(pid: number): string {
    return `${this.#group.folder}/p${pid}`
  }
}

const ownGroup = (tree: GroupTree, name: string): DividedGroup => ({
  ...{ tree, folder: `${tree.folder}/${name}`, controllers: ['cpu'] },
  missing: tree.isDivided ? [] : ['cpu'],
})

export function obstacleText(what: string, { why, advice }: GroupObstacle): string {
  return `${what}: ${why}; ${advice}`
}

/** Groups of launchers that were killed, whose processors have ended after them. */
function removeLeftovers(tree: GroupTree, files: GroupFiles): void {
  for (const name of files.names(tree.folder)) {
    const owner = name.startsWith(prefix) ? decodeOwnerTag(name.slice(prefix.length)) : null
    if (owner && stateOf(owner) === 'ended') removeGroup(ownGroup(tree, name), files)
  }
}
