import { UsageError } from '../base/index.ts'
import {
  type DividedGroup,
  type GroupController,
  type GroupFile,
  type GroupFiles,
  type GroupObstacle,
  type GroupTree,
  limitFiles,
  lookForGroups,
  makeGroup,
  memoryFiles,
  obstacleText,
  systemFiles,
  tryLimits,
  weightFile,
  writeTo,
} from '../machine/index.ts'

export interface HostLimits {
  readonly cores: number | null
  readonly memoryBytes: number | null
}

/** The control groups of a laboratory, with one for each host in each: none, one, or one for each kind of limit. */
export class HostGroups {
  readonly groups: readonly DividedGroup[]
  readonly #limits: HostLimits
  readonly #files: GroupFiles

  /**
   * `tag` is the name of the laboratory's groups. Makes nothing yet. Throws a `UsageError` if the system has no groups for a
   * limit that is wanted, or refuses them.
   */
  constructor(limits: HostLimits, tag: string, files: GroupFiles = systemFiles) {
    this.#limits = limits
    this.#files = files
    const wanted: [GroupController, string][] = []
    if (limits.cores !== null) wanted.push(['cpu', 'a limit of cores'])
    if (limits.memoryBytes !== null) wanted.push(['memory', 'a limit of memory'])
    const trees = wanted.map(([controller, what]) => ({ controller, tree: treeOf(controller, what, files) }))
    this.groups = merged(trees, tag)
  }

  /** Makes the groups, with one for each of `hosts`. What the system refuses is a `UsageError`. */
  make(hosts: readonly string[]): void {
    try {
      for (const group of this.groups) {
        makeGroup(group, this.#files)
        tryLimits(group, this.#limitsIn(group), this.#files)
        if (group.controllers.includes('cpu')) {
          writeTo(this.#files, group.folder, weightFile(group.tree.version, hosts.length))
        }
        for (const host of hosts) this.#makeHost(group, host)
      }
    } catch (error) {
      const why = `control groups cannot be made in ${this.groups[0]!.tree.folder} (${(error as Error).message})`
      throw new UsageError(obstacleText('limits of hosts', { why, advice: 'run it as root, or leave the limits out' }))
    }
  }

  /** The folders of the groups that a process of this host belongs to. */
  foldersOf(host: string): string[] {
    return this.groups.map(({ folder }) => `${folder}/${host}`)
  }

  #makeHost(group: DividedGroup, host: string): void {
    const folder = `${group.folder}/${host}`
    this.#files.make(folder)
    for (const file of this.#limitsIn(group)) writeTo(this.#files, folder, file)
  }

  #limitsIn({ tree, controllers }: DividedGroup): GroupFile[] {
    const { cores, memoryBytes } = this.#limits
    return [
      ...(controllers.includes('cpu') ? limitFiles(tree.version, cores!) : []),
      ...(controllers.includes('memory') ? memoryFiles(tree.version, memoryBytes!) : []),
    ]
  }
}

function treeOf(controller: GroupController, what: string, files: GroupFiles): GroupTree {
  const tree: GroupTree | GroupObstacle = lookForGroups(controller, files)
  if ('why' in tree) throw new UsageError(obstacleText(what, tree))
  return tree
}

interface ControlledTree {
  readonly controller: GroupController
  readonly tree: GroupTree
}

/** Version 2 has one hierarchy for all limits, so one group for both. */
function merged(trees: readonly ControlledTree[], tag: string): DividedGroup[] {
  const folders = [...new Set(trees.map(({ tree }) => tree.folder))]
  return folders.map((folder) => {
    const those = trees.filter(({ tree }) => tree.folder === folder)
    const controllersOf = (some: readonly ControlledTree[]): GroupController[] =>
      some.map(({ controller }) => controller)
    return {
      tree: { ...those[0]!.tree, hasToBeLeft: those.some(({ tree }) => tree.hasToBeLeft) },
      folder: `${folder}/${tag}`,
      controllers: controllersOf(those),
      missing: controllersOf(those.filter(({ tree }) => !tree.isDivided)),
    }
  })
}
