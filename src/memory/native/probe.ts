import { portableKernels } from '../../parity/index.ts'
import type { PageTracker } from '../index.ts'
import { loadPaging, type Paging } from './load-addon.ts'
import { createPageTracker } from './shadow-tracker.ts'
import { createWriteGuards } from './write-guards.ts'

/** Ways of finding changed pages, from the most wanted to the one that works everywhere. */
export type TrackerName = 'shadow' | 'lean' | 'compare'

export interface TrackerState {
  readonly available: boolean
  /** Why it is missing, or what makes it work, in plain words. */
  readonly reason: string
}

let shadow: TrackerState | null = null
let probed: Readonly<Record<TrackerName, TrackerState>> | null = null

/** The ways that this machine offers; each is tried on a page of its own, once in a process. */
export function probeTrackers(): Readonly<Record<TrackerName, TrackerState>> {
  probed ??= {
    shadow: probeShadow(),
    lean: probe('userfaultfd with SIGBUS', tryLean),
    compare: { available: true, reason: 'comparing works everywhere' },
  }
  return probed
}

/** The `shadow` tracker, for memory that is not a process's; null where this machine has none. */
export function openPageTracker(): PageTracker | null {
  const { paging } = loadPaging()
  return paging !== null && probeShadow().available ? createPageTracker(paging) : null
}

function probeShadow(): TrackerState {
  shadow ??= probe('userfaultfd with WP_ASYNC, and PAGEMAP_SCAN', tryShadow)
  return shadow
}

function probe(what: string, attempt: (paging: Paging, page: Uint8Array) => void): TrackerState {
  const { paging, reason } = loadPaging()
  if (paging === null) return { available: false, reason }
  try {
    attempt(paging, pageOf(paging.systemPageBytes))
    return { available: true, reason: what }
  } catch (error) {
    return { available: false, reason: (error as Error).message }
  }
}

/** One page of memory like that of a process. */
function pageOf(systemPageBytes: number): Uint8Array {
  const memory = portableKernels.create({ maximumBytes: 2 ** 20 })
  const offset = memory.allocate(systemPageBytes, systemPageBytes)
  return memory.bytes.subarray(offset, offset + systemPageBytes)
}

function tryShadow(paging: Paging, page: Uint8Array): void {
  const watch = createPageTracker(paging).watch(page, 1, page.length)
  try {
    watch.arm()
    page[0] = 1
    if (watch.take().length === 0) throw new Error('the kernel misses a write')
    if (watch.take().length > 0) throw new Error('the kernel finds a write where there was none')
  } finally {
    watch.close()
  }
}

function tryLean(paging: Paging, page: Uint8Array): void {
  const words = (): Uint32Array => new Uint32Array(new SharedArrayBuffer(16))
  const makeBuffer = () => ({ slots: words(), list: words(), frames: new Uint8Array(page.length) })
  const buffers = [makeBuffer(), makeBuffer()] as const
  page[0] = 1
  const guard = createWriteGuards(paging).guard(page, buffers)
  try {
    guard.protect()
    page[0] = 2
    if (buffers[0].frames[0] !== 1) throw new Error('the kernel misses a write')
  } finally {
    guard.close()
  }
}
