/**
 * Page tracking by the Linux kernel: the native addon, which is loaded nowhere else, what of it this machine can use,
 * and process memories that use it. Without the addon or the kernel's part, changed pages are found by comparing. And
 * loops over batches of pages in native code, for the erasure codes, and threads that beat and hold the lifeline.
 */
export { makeHeart } from './heart.ts'
export { holdLifeline } from './lifeline.ts'
export { loadAddon, type Toucher } from './load-addon.ts'
export { NativeBatches, nativeBatches } from './native-batches.ts'
export { openMemory } from './open-memory.ts'
export { openPageTracker, probeTrackers, type TrackerName, type TrackerState } from './probe.ts'
export { explainRefusedWrite } from './refused-write.ts'
export { sharedMemory } from './shared-memory.ts'
export { openToucher, residentPages } from './touching.ts'
