import { kernelMemoryBytesMax } from '../parity/index.ts'
import { LeanRegion } from './lean-region.ts'
import type { PageTracker } from './page-watch.ts'
import { PagedMemory, type ProgramRegionMaker } from './paged-memory.ts'
import type { ProtectedMemory, ProtectedMemoryOptions } from './protected-memory.ts'
import { ShadowRegion } from './shadow-region.ts'
import { TrackingPolicy } from './tracking-policy.ts'
import type { WriteGuards } from './write-guard.ts'

/**
 * A memory that keeps a copy of the newest checkpoint. It finds changed pages by comparing them with that copy, or with
 * a tracker only those that were written, unless most are. Throws MemoryLimitError, and where the tracker cannot watch.
 */
export function createProtectedMemory(
  options: ProtectedMemoryOptions & { readonly tracker?: PageTracker | null },
): ProtectedMemory {
  return new PagedMemory(options, shadowed(options.tracker ?? null))
}

/**
 * A memory that keeps no copy of what does not change: the first write to a page keeps its old content. Its pages are
 * those of the system, and system calls cannot write them: they fail with EFAULT. Throws MemoryLimitError, and where
 * memory cannot be guarded.
 */
export function createLeanMemory(options: ProtectedMemoryOptions & { readonly guards: WriteGuards }): ProtectedMemory {
  const { guards } = options
  return new PagedMemory(options, {
    bytesMax: LeanRegion.bytesMax,
    make: (memory, pages, pageSizeBytes) =>
      pages === 0
        ? shadowed(null).make(memory, pages, pageSizeBytes)
        : new LeanRegion(memory, { firstPage: 0, pages, pageSizeBytes, guards }),
  })
}

/** The most that a program may have in one memory, in bytes: with its checkpoints that is all that a memory can be. */
export function programBytesMax(pageSizeBytes: number, isLean: boolean): number {
  const { bytesMax } = isLean ? LeanRegion : shadowed(null)
  let [fits, exceeds] = [0, Math.ceil(kernelMemoryBytesMax / pageSizeBytes)]
  while (exceeds - fits > 1) {
    const pages = Math.floor((fits + exceeds) / 2)
    const neededBytes = PagedMemory.bytesMax(bytesMax, pages, pageSizeBytes)
    if (neededBytes <= kernelMemoryBytesMax) fits = pages
    else exceeds = pages
  }
  return fits * pageSizeBytes
}

/** Watched memory is made of whole pages of the system and of whole pages of the memory. */
function shadowed(tracker: PageTracker | null): ProgramRegionMaker {
  const alignment = (pageSizeBytes: number): number => {
    const systemBytes = tracker?.systemPageBytes ?? pageSizeBytes
    return leastCommonMultiple(pageSizeBytes, systemBytes)
  }
  return {
    bytesMax: (pages, pageSizeBytes) => ShadowRegion.bytesMax(pages, pageSizeBytes) + 2 * alignment(pageSizeBytes),
    make: (memory, pages, pageSizeBytes) =>
      new ShadowRegion(memory, {
        firstPage: 0,
        pages,
        pageSizeBytes,
        alignmentBytes: alignment(pageSizeBytes),
        watch: tracker === null ? null : (live) => tracker.watch(live, pages, pageSizeBytes),
        policy: tracker === null ? null : new TrackingPolicy(),
      }),
  }
}

function leastCommonMultiple(a: number, b: number): number {
  let [larger, smaller] = [Math.max(a, b), Math.min(a, b)]
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller]
  return (a / larger) * b
}
