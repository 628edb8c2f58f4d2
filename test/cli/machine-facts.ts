import type { MachineFacts } from '../../src/cli/doctor/facts.ts'

export const [mebibyte, gibibyte] = [2 ** 20, 2 ** 30]
export const here = (reason = '') => ({ available: true, reason })
export const gone = (reason: string) => ({ available: false, reason })

/** A machine that has everything. */
export const full: MachineFacts = {
  system: { platform: 'linux', release: '6.18.4-arch1-1', architecture: 'x64', nodeVersion: 'v20.20.2', isRoot: false },
  trackers: { shadow: here(), lean: here(), compare: here() },
  addon: { state: 'compiled', path: '/p/build/Release/paritas.node' },
  tools: { compiler: 'c++ (Debian 12.2.0-14) 12.2.0', make: 'GNU Make 4.3', python: 'Python 3.11.2' },
  kernels: { hasSimd: true, native: 'avx512' },
  sharedMemory: { state: 'here' },
  userfaultfd: { isUnprivileged: false, isFiltered: false },
  hugePages: 'madvise',
  memory: { totalBytes: 8 * gibibyte, availableBytes: 5 * gibibyte, group: null },
  firstTouch: { atOnceUs: 0.81, meanUs: 1.04, bytes: gibibyte },
  cores: { present: 8, groupLimit: null },
  shares: { version: 2, folder: '/sys/fs/cgroup/run.scope', isDivided: false, hasToBeLeft: true },
  limits: {
    openFiles: 20_000,
    lockedBytes: 8 * mebibyte,
    addressSpaceBytes: Number.POSITIVE_INFINITY,
    dataBytes: Number.POSITIVE_INFINITY,
    fileBytes: Number.POSITIVE_INFINITY,
    threads: 60_000,
    threadsUsed: 500,
    threadsOf: 'user',
    memoryMaps: 65_530,
  },
}
