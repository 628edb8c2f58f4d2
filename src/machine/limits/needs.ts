/** What a run takes of the machine, and what of that its limits do not give. The figures were measured on whole runs. */
import { freeBytes, type LimitFacts, type Limits } from './limits.ts'

/** What a processor takes before its program has anything: Node itself, the program's thread, code, pages on their way. */
const processorBytes = 64 * 2 ** 20

/** Of each processor: its main thread, heartbeats, lifeline, two threads of the program, and those of V8 and libuv. */
const processorThreads = 15
/** Threads that the launcher does not have yet when it looks. */
const launcherThreads = 4

/** Files that the launcher opens for each processor; a processor opens two for each other that it talks to. */
const linkFiles = 3
const otherFiles = 40
/** When Node starts, it has this many of the command's modules open at the same time. */
export const openFilesMin = 128

/**
 * What Node reserves (2.7 GiB), and 10 GiB for each memory that WebAssembly can have, with its guards: two in a processor
 * that is rebuilt, and one more in each program that multiplies matrices. Enough for a recovery of every program that
 * ships.
 */
const addressBytes = 34 * 2 ** 30
/** Heaps and stacks of a processor whose program has nothing yet. */
const dataBytes = 256 * 2 ** 20
/** The bundle of the largest program that ships has 66 KiB. What an output needs shows when it is written. */
const fileBytes = 128 * 1024

export interface RunSize {
  /** All of them, spares too. */
  readonly processors: number
  /** The program's memory with its checkpoints and their parity, in bytes; 0 while it is not known. */
  readonly memoryBytes: number
}

/** One thing of which a run needs more than there may be. */
export interface Shortage {
  readonly what: 'open files' | 'threads' | 'address space' | 'written memory' | 'file size' | 'memory'
  readonly limit: number
  /** What sets the limit. */
  readonly setBy: string
  /** How much of it is taken already. */
  readonly used: number
  readonly needed: number
  readonly unit: 'bytes' | 'count'
  readonly advice: string
}

/** Everything that keeps a run of this size from being. */
export function shortages(size: RunSize, machine: Limits): Shortage[] {
  return [...countShortages(size, machine.limits), ...byteShortages(size, machine)].filter(
    ({ limit, used, needed }) => limit - used < needed,
  )
}

/** What the launcher and so many processors take before there is a program. */
export function machineBytes(processors: number): number {
  return (processors + 1) * processorBytes
}

/** How many processors the machine has room for, at least as far as open files and threads go. */
export function processorsMax({ openFiles, threads, threadsUsed }: LimitFacts): { openFiles: number; threads: number } {
  const byFiles = openFiles === null || openFiles < openFilesMin ? 0 : Math.floor((openFiles - otherFiles) / linkFiles)
  const byThreads = threads === null ? 0 : Math.floor((threads - threadsUsed - launcherThreads) / processorThreads)
  return { openFiles: byFiles, threads: Math.max(0, byThreads) }
}

function countShortages({ processors }: RunSize, limits: LimitFacts): Shortage[] {
  const { openFiles, threads, threadsUsed, threadsOf } = limits
  const unlimited = Number.POSITIVE_INFINITY
  const fewer = 'or use fewer processes (--processes)'
  return [
    {
      what: 'open files',
      ...{ limit: openFiles ?? unlimited, setBy: 'ulimit -n', used: 0, unit: 'count' },
      needed: Math.max(openFilesMin, otherFiles + linkFiles * processors),
      advice: `allow more (ulimit -n 4096) ${fewer}`,
    },
    {
      what: 'threads',
      ...{ limit: threads ?? unlimited, used: threadsUsed, unit: 'count' },
      setBy: threadsOf === 'user' ? 'ulimit -u' : 'pids.max of the control group',
      needed: launcherThreads + processorThreads * processors,
      advice: `allow more (${threadsOf === 'user' ? 'ulimit -u 4096' : 'docker run --pids-limit 4096'}) ${fewer}`,
    },
  ]
}

function byteShortages({ processors, memoryBytes }: RunSize, { limits, memory }: Limits): Shortage[] {
  const unlimited = Number.POSITIVE_INFINITY
  const free = freeBytes(memory)
  const ofGroup = free < memory.availableBytes
  const ofSystem = (what: Shortage['what'], limit: number | null, needed: number, option: string): Shortage => ({
    ...{ what, limit: limit ?? unlimited, setBy: `ulimit ${option}`, used: 0, needed, unit: 'bytes' },
    advice: `lift the limit (ulimit ${option} unlimited)`,
  })
  return [
    ofSystem('address space', limits.addressSpaceBytes, addressBytes, '-v'),
    ofSystem('written memory', limits.dataBytes, dataBytes, '-d'),
    ofSystem('file size', limits.fileBytes, fileBytes, '-f'),
    {
      what: 'memory',
      limit: ofGroup ? memory.group!.limitBytes : memory.totalBytes,
      used: (ofGroup ? memory.group!.limitBytes : memory.totalBytes) - free,
      setBy: ofGroup ? 'its control group' : 'this machine',
      needed: memoryBytes + machineBytes(processors),
      unit: 'bytes',
      advice: 'choose smaller sizes (--size) or fewer processes',
    },
  ]
}
