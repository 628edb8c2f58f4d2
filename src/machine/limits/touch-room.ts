/** How much memory may be touched before it is needed. Whatever would come near a limit waits until it is needed. */
import { totalmem } from 'node:os'
import { groupRooms, type MemoryRoom, type ReadText } from './control-groups.ts'
import { readText } from './limits.ts'

export interface TouchFacts {
  /** Of the machine, and of each control group that limits memory or slows down who takes more. */
  readonly rooms: readonly MemoryRoom[]
  /** What is in swap space now, of the whole machine or of the control group. */
  readonly swappedBytes: number
  readonly totalBytes: number
}

/** Of each limit this share is left alone. */
const leftShare = 1 / 8
/** A machine that has more than this share of its memory in swap space has none to spare. */
const swappedShareMax = 1 / 64

export function readTouchFacts(read: ReadText = readText): TouchFacts {
  const lines = read('/proc/meminfo') ?? ''
  const bytesOf = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(lines)?.[1]) * 1024
  const groups = groupRooms(read)
  const machine = { limitBytes: totalmem(), usedBytes: totalmem() - bytesOf('MemAvailable') }
  return {
    rooms: [machine, ...groups.rooms],
    swappedBytes: Math.max(bytesOf('SwapTotal') - bytesOf('SwapFree'), groups.swappedBytes),
    totalBytes: totalmem(),
  }
}

/**
 * The bytes that one of `sharers` processors may touch now: all of them see the same room, and may take their share at
 * once. None where anything is not known.
 */
export function touchableBytes({ rooms, swappedBytes, totalBytes }: TouchFacts, sharers: number): number {
  if (!(swappedBytes <= totalBytes * swappedShareMax)) return 0
  const left = rooms.map(({ limitBytes, usedBytes }) => limitBytes * (1 - leftShare) - usedBytes)
  const share = Math.floor(Math.min(...left) / sharers)
  return share > 0 ? share : 0
}
