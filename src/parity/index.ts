/**
 * Parity over pages of memory: what XOR makes of the memories of several processors, how a check processor keeps it
 * up to date with deltas, and the checksums that prove a rebuilt memory right. The loops over bytes are kernels that
 * exist in WASM SIMD and in plain JavaScript, with the same results.
 */
export { ChecksumTable, compareChecksums, pagesPerGroup } from './checksums.ts'
export { type KernelMemory, type KernelModule, kernelMemoryBytesMax, MemoryLimitError } from './kernel-memory.ts'
export type { Checksums, PageBatch } from './pages.ts'
export { portableKernels } from './portable-kernels.ts'
export { compileKernels, supportsKernels } from './simd-kernels.ts'
export { ParityStore } from './store.ts'
