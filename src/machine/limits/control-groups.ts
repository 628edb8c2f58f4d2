/** Reads a file of /proc or /sys; null if it is not there, or must not be read. */
export type ReadText = (path: string) => string | null

/** Limits of the control groups that this process is in, of either version; null where nothing limits it. */
export interface GroupLimits {
  readonly memory: MemoryRoom | null
  readonly cores: number | null
  /** Processes and threads together: how many there may be, and are. */
  readonly threads: ThreadLimit | null
}

/** A limit of memory, and what is used of it without what could be dropped. */
export interface MemoryRoom {
  readonly limitBytes: number
  readonly usedBytes: number
}

export interface ThreadLimit {
  readonly limit: number
  readonly used: number
}

/** Beyond this a limit of version 1 means that there is none. */
const unlimitedBytes = 2 ** 60

export function groupLimits(read: ReadText): GroupLimits {
  const { second, first } = foldersOf(read)
  return {
    memory: hardRooms(read).reduce<MemoryRoom | null>(
      (least, one) => (freeOf(one) < freeOf(least) ? one : least),
      null,
    ),
    cores: least([
      ...second.map((folder) => quotaOf(read, folder)),
      ...first('cpu').map((folder) => oldQuotaOf(read, folder)),
    ]),
    threads: fewestLeft([...second, ...first('pids')].map((folder) => threadsOf(read, folder))),
  }
}

/** All rooms of memory, also those that only slow down who takes more, and what the groups have in swap space. */
export function groupRooms(read: ReadText): { readonly rooms: readonly MemoryRoom[]; readonly swappedBytes: number } {
  const { second, first } = foldersOf(read)
  const soft = second.map((folder) => memoryOf(read, folder, ['memory.high', 'memory.current', 'inactive_file']))
  const swapped = [
    ...second.map((folder) => numberIn(read(`${folder}/memory.swap.current`))),
    ...first('memory').map((folder) => statOf(read, folder, 'total_swap')),
  ]
  return {
    rooms: [...hardRooms(read), ...soft].filter((room) => room !== null),
    swappedBytes: Math.max(0, ...swapped.map(Number)),
  }
}

function hardRooms(read: ReadText): (MemoryRoom | null)[] {
  const { second, first } = foldersOf(read)
  return [
    ...second.map((folder) => memoryOf(read, folder, ['memory.max', 'memory.current', 'inactive_file'])),
    ...first('memory').map((folder) =>
      memoryOf(read, folder, ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file']),
    ),
  ]
}

/** The folders of the groups of version 2, and of each controller of version 1. */
function foldersOf(read: ReadText): { readonly second: string[]; first(controller: string): string[] } {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n')
  const unified = lines.find((line) => line.startsWith('0::'))?.slice(3)
  return {
    second: unified === undefined ? [] : foldersUpFrom('/sys/fs/cgroup', unified),
    first(controller) {
      const line = lines.map((one) => one.split(':')).find(([, names]) => names?.split(',').includes(controller))
      return line?.[2] === undefined ? [] : foldersUpFrom(`/sys/fs/cgroup/${controller}`, line[2])
    },
  }
}

/** A group's folder and those around it. Inside a container the path may be that of the host: then the root is what is there. */
function foldersUpFrom(root: string, path: string): string[] {
  const names = path.split('/').filter((name) => name !== '')
  return Array.from({ length: names.length + 1 }, (_, count) =>
    [root, ...names.slice(0, names.length - count)].join('/'),
  )
}

type MemoryFiles = readonly [limit: string, used: string, droppable: string]

function memoryOf(read: ReadText, folder: string, [limit, used, droppable]: MemoryFiles): GroupLimits['memory'] {
  const limitBytes = numberIn(read(`${folder}/${limit}`))
  const allBytes = numberIn(read(`${folder}/${used}`))
  if (limitBytes === null || limitBytes >= unlimitedBytes || allBytes === null) return null
  return { limitBytes, usedBytes: Math.max(0, allBytes - statOf(read, folder, droppable)) }
}

function statOf(read: ReadText, folder: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(read(`${folder}/memory.stat`) ?? '')?.[1] ?? 0)
}

function threadsOf(read: ReadText, folder: string): ThreadLimit | null {
  const limit = numberIn(read(`${folder}/pids.max`))
  return limit === null ? null : { limit, used: numberIn(read(`${folder}/pids.current`)) ?? 0 }
}

/** The limit that is reached first. */
export function fewestLeft(limits: readonly (ThreadLimit | null)[]): ThreadLimit | null {
  const left = (one: ThreadLimit | null): number => (one === null ? Number.POSITIVE_INFINITY : one.limit - one.used)
  return limits.reduce((fewest, one) => (left(one) < left(fewest) ? one : fewest), null)
}

function freeOf(memory: GroupLimits['memory']): number {
  return memory === null ? Number.POSITIVE_INFINITY : memory.limitBytes - memory.usedBytes
}

/** `max 100000`, or a time and a period. */
function quotaOf(read: ReadText, folder: string): number | null {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? 'max').split(/\s/).map(Number)
  return Number.isFinite(quota) && period! > 0 ? quota! / period! : null
}

function oldQuotaOf(read: ReadText, folder: string): number | null {
  const quota = numberIn(read(`${folder}/cpu.cfs_quota_us`))
  const period = numberIn(read(`${folder}/cpu.cfs_period_us`))
  return quota !== null && period ? quota / period : null
}

/** The whole number that a file holds; null for `max`, -1 and anything else. */
export function numberIn(text: string | null): number | null {
  return /^\s*\d+\s*$/.test(text ?? '') ? Number(text) : null
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}
