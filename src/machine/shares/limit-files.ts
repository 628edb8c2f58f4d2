import type { GroupTree } from './group-tree.ts'

/**
 * Time of a core is given in periods of 10 ms: in the usual ones of 100 ms, a processor that has used up its share stands
 * still for so long that all that it talks to wait with it.
 */
const periodUs = 10_000
/** The kernel takes no less in a period. */
const quotaUsMin = 1000

/** The least share that there is, in cores. */
export const coresEachMin = quotaUsMin / periodUs

/** A file of a group, and what is written to it; in this order. */
export type GroupFile = readonly [name: string, content: string]

/** What limits a group to so many cores. */
export function limitFiles(version: GroupTree['version'], cores: number): GroupFile[] {
  const quotaUs = Math.round(cores * periodUs)
  if (version === 2) return [['cpu.max', `${quotaUs} ${periodUs}`]]
  return [
    ['cpu.cfs_period_us', String(periodUs)],
    ['cpu.cfs_quota_us', String(quotaUs)],
  ]
}

/** What limits a group to so much memory; what is swapped out does not count. */
export function memoryFiles(version: GroupTree['version'], bytes: number): GroupFile[] {
  return version === 2 ? [['memory.max', String(bytes)]] : [['memory.limit_in_bytes', String(bytes)]]
}

/** What lets a group of `count` limited ones stand beside other processes as so many processes would, and not as one. */
export function weightFile(version: GroupTree['version'], count: number): GroupFile {
  const [least, most] = [Math.max(1, count), version === 2 ? 10_000 : 262_144]
  return version === 2
    ? ['cpu.weight', String(Math.min(most, 100 * least))]
    : ['cpu.shares', String(Math.min(most, 1024 * least))]
}
