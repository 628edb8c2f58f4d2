/** The limits under which this process runs, and so all that it starts. Plain data, so that it can be made up. */
import { readdirSync, readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import {
  fewestLeft,
  type GroupLimits,
  groupLimits,
  numberIn,
  type ReadText,
  type ThreadLimit,
} from './control-groups.ts'

/** `Infinity` where there is no limit, null where it is not known. */
export interface LimitFacts {
  readonly openFiles: number | null
  readonly lockedBytes: number | null
  readonly addressSpaceBytes: number | null
  /** Of memory that a process can write, its heaps and stacks. */
  readonly dataBytes: number | null
  /** Of one file that is written. */
  readonly fileBytes: number | null
  /** Processes and threads together, of the user or of the control group, whichever has fewer left. */
  readonly threads: number | null
  /** How many of them there are already. */
  readonly threadsUsed: number
  /** Who limits them. */
  readonly threadsOf: 'user' | 'group'
  /** The setting vm.max_map_count. */
  readonly memoryMaps: number | null
}

export interface MemoryFacts {
  readonly totalBytes: number
  /** What could be used without swapping, whatever control groups say. */
  readonly availableBytes: number
  /** Of the control group: the most it may use, and what it uses without what it could drop; null without a limit. */
  readonly group: { readonly limitBytes: number; readonly usedBytes: number } | null
}

export interface Limits {
  readonly limits: LimitFacts
  readonly memory: MemoryFacts
  /** Share of the control group, in cores; null without a limit. */
  readonly groupCores: number | null
}

export function readLimits(read: ReadText = readText): Limits {
  const group = groupLimits(read)
  return { limits: limitFacts(read, group), memory: memoryFacts(read, group), groupCores: group.cores }
}

/** Null for what cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** What runs may still take: no more than the control group leaves. */
export function freeBytes({ availableBytes, group }: MemoryFacts): number {
  return group === null ? availableBytes : Math.min(availableBytes, Math.max(0, group.limitBytes - group.usedBytes))
}

function memoryFacts(read: ReadText, { memory: group }: GroupLimits): MemoryFacts {
  const [, available] = /^MemAvailable:\s*(\d+) kB/m.exec(read('/proc/meminfo') ?? '') ?? []
  return {
    totalBytes: totalmem(),
    availableBytes: available === undefined ? freemem() : Number(available) * 1024,
    group,
  }
}

function limitFacts(read: ReadText, group: GroupLimits): LimitFacts {
  const limits = read('/proc/self/limits') ?? ''
  const softLimit = (name: string): number | null => {
    const [, value] = new RegExp(`^${name}\\s+(unlimited|\\d+)`, 'm').exec(limits) ?? []
    if (value === undefined) return null
    return value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value)
  }
  const ofUser = userThreads(softLimit('Max processes'), read)
  const threads = fewestLeft([group.threads, ofUser])
  return {
    openFiles: softLimit('Max open files'),
    lockedBytes: softLimit('Max locked memory'),
    addressSpaceBytes: softLimit('Max address space'),
    dataBytes: softLimit('Max data size'),
    fileBytes: softLimit('Max file size'),
    threads: threads?.limit ?? ofUser?.limit ?? null,
    threadsUsed: threads?.used ?? 0,
    threadsOf: threads === group.threads && threads !== null ? 'group' : 'user',
    memoryMaps: numberIn(read('/proc/sys/vm/max_map_count')),
  }
}

/** More threads than any run has. */
const plenty = 10_000

/** The bits of CAP_SYS_ADMIN and CAP_SYS_RESOURCE in a set of capabilities: whoever has one of them is not limited. */
const unlimitedCapabilities = (1n << 21n) | (1n << 24n)

function userThreads(limit: number | null, read: ReadText): ThreadLimit | null {
  if (limit === null) return null
  const status = read('/proc/self/status') ?? ''
  const [, user] = /^Uid:\s*(\d+)/m.exec(status) ?? []
  const [, capabilities = '0'] = /^CapEff:\s*([0-9a-f]+)/m.exec(status) ?? []
  if (user === '0' || BigInt(`0x${capabilities}`) & unlimitedCapabilities) {
    return { limit: Number.POSITIVE_INFINITY, used: 0 }
  }
  const [, everyones = '0'] = /\/(\d+) /.exec(read('/proc/loadavg') ?? '') ?? []
  // Counting takes a look at each process of the machine.
  const isFar = limit - Number(everyones) > plenty
  return { limit, used: isFar || user === undefined ? Number(everyones) : threadsOfUser(user, read) }
}

function threadsOfUser(user: string, read: ReadText): number {
  let count = 0
  for (const name of processes()) {
    const status = /^\d+$/.test(name) ? (read(`/proc/${name}/status`) ?? '') : ''
    if (/^Uid:\s*(\d+)/m.exec(status)?.[1] === user) count += Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 0)
  }
  return count
}

function processes(): string[] {
  try {
    return readdirSync('/proc')
  } catch {
    return []
  }
}
