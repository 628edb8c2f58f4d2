/**
 * The memory of one application processor: its pages, captures of them as checkpoints, the way back to one, deltas
 * and images of captured content, and named blobs beside the program's bytes. One interface; the memory here finds
 * changes by comparing, which works everywhere.
 */

export { MemoryLimitError } from '../parity/index.ts'
export { createProtectedMemory } from './comparing-memory.ts'
export type { CaptureResult, ProtectedMemory, ProtectedMemoryOptions } from './protected-memory.ts'
