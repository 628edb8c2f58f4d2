import { createLeanMemory, createProtectedMemory, type ProtectedMemory, type ProtectedMemoryOptions } from '../index.ts'
import { loadPaging } from './load-addon.ts'
import { probeTrackers, type TrackerName } from './probe.ts'
import { createPageTracker } from './shadow-tracker.ts'
import { createWriteGuards } from './write-guards.ts'

export interface OpenMemoryOptions extends ProtectedMemoryOptions {
  /** `auto` is `shadow` where this machine has it. What it has not is replaced by comparing. */
  readonly tracker: TrackerName | 'auto'
}

export interface OpenedMemory {
  readonly memory: ProtectedMemory
  /** How the memory finds changed pages. */
  readonly tracker: TrackerName
  /** Why it is this one, in plain words. */
  readonly reason: string
}

/** A process's memory with the wanted tracker, or the best one that this machine has. Throws MemoryLimitError. */
export function openMemory({ tracker: wanted, ...options }: OpenMemoryOptions): OpenedMemory {
  const { tracker, reason } = chooseTracker(wanted, options.pageSizeBytes)
  return { memory: open(tracker, options), tracker, reason }
}

function chooseTracker(wanted: TrackerName | 'auto', pageSizeBytes: number): Omit<OpenedMemory, 'memory'> {
  const first = wanted === 'auto' ? 'shadow' : wanted
  const { available, reason } = probeTrackers()[first]
  if (!available) return { tracker: 'compare', reason: `no ${first} tracker: ${reason}` }
  const systemPageBytes = loadPaging().paging?.systemPageBytes
  if (first === 'lean' && pageSizeBytes !== systemPageBytes) {
    return { tracker: 'compare', reason: `no lean tracker: the system's pages have ${systemPageBytes} bytes` }
  }
  return { tracker: first, reason }
}

function open(tracker: TrackerName, options: ProtectedMemoryOptions): ProtectedMemory {
  const { paging } = loadPaging()
  if (paging === null || tracker === 'compare') return createProtectedMemory(options)
  if (tracker === 'lean') return createLeanMemory({ ...options, guards: createWriteGuards(paging) })
  return createProtectedMemory({ ...options, tracker: createPageTracker(paging) })
}
