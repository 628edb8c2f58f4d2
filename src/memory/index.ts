/**
 * The memory of one application processor: its pages, captures of them as checkpoints, the way back to one, deltas
 * and pages of captured content, and named blobs beside the program's bytes. One interface. Changed pages are found
 * by comparing, which works everywhere, or by a tracker or guards that are handed in; src/memory/native has them.
 */

export { MemoryLimitError } from '../parity/index.ts'
export { createLeanMemory, createProtectedMemory, programBytesMax } from './create-memory.ts'
export type { PagesAhead } from './first-writes.ts'
export { countPages, noPages, type PageRanges, scale, split, unite, without } from './page-ranges.ts'
export type { PageTracker, PageWatch } from './page-watch.ts'
export type { PinnedCheckpoint } from './pinned-checkpoint.ts'
export type { ProtectedMemory, ProtectedMemoryOptions } from './protected-memory.ts'
export type { WriteGuard, WriteGuards } from './write-guard.ts'
