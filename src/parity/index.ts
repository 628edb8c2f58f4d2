/**
 * Parity over pages of memory: the codes that say what check processors hold and how the lost is rebuilt from the rest,
 * how a check processor keeps its row up to date with deltas, and the checksums that prove a rebuilt memory right. The
 * loops over bytes are kernels that exist in WASM SIMD and in plain JavaScript, with the same results.
 */
export { addPages } from './add-pages.ts'
export type { BatchKernels } from './batch-kernels.ts'
export { ChecksumTable, compareChecksums } from './checksums.ts'
export { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from './code.ts'
export { type KernelMemory, type KernelModule, kernelMemoryBytesMax, MemoryLimitError } from './kernel-memory.ts'
export { assertBatch, type Checksums, type PageBatch, pagesPerGroup } from './pages.ts'
export { PortableMemories, portableKernels } from './portable-kernels.ts'
export { freshRoom, type Room } from './room.ts'
export { ScratchBatches } from './scratch-batches.ts'
export { compileKernels, supportsKernels } from './simd-kernels.ts'
export type { Term } from './solve.ts'
export { ParityStore } from './store.ts'
