import { totalmem } from 'node:os'
import { describe, expect, it } from 'vitest'
import { readTouchFacts, type TouchFacts, touchableBytes } from '../../src/machine/limits/touch-room.ts'

const mebibyte = 2 ** 20
const machine = { limitBytes: 8192 * mebibyte, usedBytes: 2048 * mebibyte }
const facts = (changes: Partial<TouchFacts>): TouchFacts => ({
  ...{ rooms: [machine], swappedBytes: 0, totalBytes: machine.limitBytes },
  ...changes,
})

describe('what may be touched before it is needed', () => {
  it.each<[string, Partial<TouchFacts>, number]>([
    ['its share of what is free, but for an eighth of all', {}, (7168 - 2048) / 8],
    [
      'nothing where hardly more than that eighth is free',
      { rooms: [{ ...machine, usedBytes: 7167 * mebibyte }] },
      1 / 8,
    ],
    ['nothing in the last eighth', { rooms: [{ ...machine, usedBytes: 7168 * mebibyte }] }, 0],
    ['nothing where more is used than there may be', { rooms: [{ ...machine, usedBytes: 9000 * mebibyte }] }, 0],
    [
      'no more than a control group leaves',
      { rooms: [machine, { limitBytes: 512 * mebibyte, usedBytes: 400 * mebibyte }] },
      6,
    ],
    [
      'nothing near the limit of one of the groups',
      { rooms: [machine, { limitBytes: 512 * mebibyte, usedBytes: 448 * mebibyte }, machine] },
      0,
    ],
    ['as ever with a little in swap space', { swappedBytes: 128 * mebibyte }, (7168 - 2048) / 8],
    ['nothing on a machine that swaps', { swappedBytes: 129 * mebibyte }, 0],
    ['nothing where it is not known what swaps', { swappedBytes: Number.NaN }, 0],
    ['nothing where it is not known what is used', { rooms: [{ ...machine, usedBytes: Number.NaN }] }, 0],
  ])('is %s', (_, changes, mebibytes) => {
    expect(touchableBytes(facts(changes), 8)).toBe(mebibytes * mebibyte)
  })

  const reading = (files: Readonly<Record<string, string>>) => readTouchFacts((path) => files[path] ?? null)
  const meminfo = 'MemTotal: 1 kB\nMemAvailable: 1024 kB\nSwapTotal: 4096 kB\nSwapFree: 1024 kB\n'
  const ofMachine = { limitBytes: totalmem(), usedBytes: totalmem() - mebibyte }

  it('counts hard limits and such that slow down, of a group and those around it, and its swap space', () => {
    const group = '/sys/fs/cgroup/jobs'
    expect(
      reading({
        '/proc/meminfo': meminfo,
        '/proc/self/cgroup': '0::/jobs/one\n',
        [`${group}/one/memory.max`]: 'max\n',
        [`${group}/one/memory.high`]: '2000\n',
        [`${group}/one/memory.current`]: '900\n',
        [`${group}/one/memory.stat`]: 'inactive_file 100\n',
        [`${group}/one/memory.swap.current`]: '7340032\n',
        [`${group}/memory.max`]: '5000\n',
        [`${group}/memory.current`]: '1000\n',
      }),
    ).toEqual({
      rooms: [ofMachine, { limitBytes: 5000, usedBytes: 1000 }, { limitBytes: 2000, usedBytes: 800 }],
      swappedBytes: 7 * mebibyte,
      totalBytes: totalmem(),
    })
  })

  it('counts those of version 1', () => {
    const group = '/sys/fs/cgroup/memory/jobs'
    const { rooms, swappedBytes } = reading({
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '4:memory:/jobs\n',
      [`${group}/memory.limit_in_bytes`]: '5000\n',
      [`${group}/memory.usage_in_bytes`]: '1000\n',
      [`${group}/memory.stat`]: 'total_inactive_file 200\ntotal_swap 4194304\n',
    })
    expect(rooms).toEqual([ofMachine, { limitBytes: 5000, usedBytes: 800 }])
    expect(swappedBytes).toBe(4 * mebibyte)
  })

  it('is nothing where the system tells nothing', () => {
    expect(touchableBytes(reading({}), 1)).toBe(0)
  })
})
