import type { GroupFiles } from '../../src/machine/shares/divided-group.ts'

/** Control groups of version 2 in memory, with the kernel's rules of which groups may have processes. */
export class UnifiedGroups implements GroupFiles {
  readonly #groups = new Map<string, { pids: number[]; controls: boolean; files: Map<string, string> }>()
  readonly #parents: ReadonlyMap<number, number>
  /** Of a path, what the system answers to a write, instead of doing it. */
  readonly refused = new Map<string, string>()

  /** `own`: the group of this process and of `pids`. `parents`: who has started whom. */
  constructor(own: string, pids: readonly number[], parents: ReadonlyMap<number, number>) {
    this.#groups.set('/sys/fs/cgroup', { pids: [], controls: true, files: new Map() })
    this.#groups.set(`/sys/fs/cgroup${own}`, { pids: [process.pid, ...pids], controls: false, files: new Map() })
    this.#parents = parents
  }

  /** Each group below the own one, with its processes and limit. */
  state(): Record<string, string> {
    const told = [...this.#groups].map(([folder, { pids, controls, files }]) => {
      const limit = files.get('cpu.max') ?? files.get('cpu.weight') ?? ''
      return [
        folder.replace(/-[\w-]+/g, ''),
        `${pids.length} ${controls ? 'divided' : 'whole'} ${limit}`.trim(),
      ] as const
    })
    return Object.fromEntries(told.slice(1))
  }

  read(path: string): string | null {
    if (path === '/proc/self/cgroup') return `0::${[...this.#groups.keys()][1]!.slice('/sys/fs/cgroup'.length)}\n`
    if (path === '/proc/self/mountinfo')
      return '33 22 0:29 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'
    const [, pid] = /^\/proc\/(\d+)\/stat$/.exec(path) ?? []
    if (pid !== undefined) return `${pid} (a b) S ${this.#parents.get(Number(pid)) ?? 0} 1 1\n`
    const { group, name, folder } = this.#find(path)
    switch (name) {
      case 'cgroup.procs':
        return group.pids.map((one) => `${one}\n`).join('')
      case 'cgroup.controllers':
        return 'cpu memory pids\n'
      case 'cgroup.subtree_control':
        return group.controls ? 'cpu memory\n' : '\n'
      case 'cgroup.type':
        return folder === '/sys/fs/cgroup' ? null : 'domain\n'
      default:
        return group.files.get(name) ?? null
    }
  }

  write(path: string, content: string): void {
    const refusal = this.refused.get(path.split('/').at(-1)!)
    if (refusal !== undefined) throw new Error(refusal)
    const { group, name, folder } = this.#find(path)
    if (name === 'cgroup.subtree_control') {
      const turnsOn = content.startsWith('+')
      const below = [...this.#groups].some(([other, { controls }]) => other.startsWith(`${folder}/`) && controls)
      if (turnsOn ? group.pids.length > 0 : below) throw new Error('EBUSY')
      group.controls = turnsOn
    } else if (name === 'cgroup.procs') {
      if (group.controls) throw new Error('EBUSY')
      for (const other of this.#groups.values()) other.pids = other.pids.filter((pid) => pid !== Number(content))
      group.pids.push(Number(content))
    } else group.files.set(name, content)
  }

  make(folder: string): void {
    this.#groups.set(folder, { pids: [], controls: false, files: new Map() })
  }

  remove(folder: string): void {
    const group = this.#groups.get(folder)
    const isParent = [...this.#groups.keys()].some((other) => other.startsWith(`${folder}/`))
    if (!group || group.pids.length > 0 || isParent) throw new Error('EBUSY')
    this.#groups.delete(folder)
  }

  /** The process ends. */
  end(pid: number): void {
    for (const group of this.#groups.values()) group.pids = group.pids.filter((one) => one !== pid)
  }

  names(folder: string): string[] {
    const inside = [...this.#groups.keys()].filter((one) => one.startsWith(`${folder}/`))
    return [...new Set(inside.map((one) => one.slice(folder.length + 1).split('/')[0]!))]
  }

  whyReadOnly(): null {
    return null
  }

  #find(path: string): {
    group: { pids: number[]; controls: boolean; files: Map<string, string> }
    name: string
    folder: string
  } {
    const at = path.lastIndexOf('/')
    const folder = path.slice(0, at)
    const group = this.#groups.get(folder)
    if (!group) throw new Error(`ENOENT: ${path}`)
    return { group, name: path.slice(at + 1), folder }
  }
}
