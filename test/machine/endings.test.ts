/** What a run that ends early says of it. */
import { describe, expect, it } from 'vitest'
import {
  type CheckpointStore,
  codeFor,
  defaultSettings,
  type Protection,
  UncoveredLossError,
} from '../../src/machine/index.ts'
import { endingFor } from '../../src/machine/launcher/foreman/endings.ts'
import { toleranceFor } from '../../src/protocol/conductor/coverage.ts'
import type { Place } from '../../src/protocol/index.ts'

const store = { path: 'ck' } as CheckpointStore

it('where no checkpoint on disk can be read, names the newest of those, the folder and what is left to do', () => {
  const reason = 'pages-00000004-a-2.bin: it does not have its checksum'
  const ending = endingFor(
    { type: 'damaged', place: 'a2', onDisk: 15, reason },
    { machine: { ...defaultSettings, protection: null }, store },
    0,
  )
  expect(ending).toEqual(
    new UncoveredLossError(
      "nobody can go back to checkpoint 15 in ck, for application processor 2 (pages-00000004-a-2.bin: it does not have its checksum), and no other one there is whole; start anew: 'paritas run' with an empty --checkpoint-dir",
    ),
  )
})

it('where memory cannot be rebuilt, says of whom and why', () => {
  const effect = { type: 'damaged', place: 'a2', onDisk: null, reason: 'page groups 3' } as const
  for (const one of [store, null]) {
    const ending = endingFor(effect, { machine: defaultSettings, store: one }, 0)
    expect(ending).toEqual(
      new UncoveredLossError('the memory of application processor 2 cannot be rebuilt: page groups 3'),
    )
  }
})

describe('a loss that no code covers says what would have covered it', () => {
  const told = (protection: Protection, lost: readonly Place[], processes = 8): string => {
    const needed = toleranceFor(codeFor(processes, protection), new Set(lost))
    const machine = { ...defaultSettings, processes, protection }
    return endingFor({ type: 'uncovered', lost, needed }, { machine, store: null }, 1234).message.split(': ')[1]!
  }
  const grouped = (tolerate: number, groupSize: number): Protection => ({ code: 'reed-solomon', tolerate, groupSize })

  it.each<[Protection, readonly Place[], string]>([
    // Groups are the even and the odd.
    [
      grouped(1, 4),
      ['a0', 'a2', 'a1'],
      'more than --group-size 4 --tolerate 1 covers; --group-size 4 --tolerate 2 would have covered it',
    ],
    [
      grouped(2, 4),
      ['a1', 'a3', 'c3', 'b3', 'a0'],
      'more than --group-size 4 --tolerate 2 covers; --group-size 4 --tolerate 3 would have covered it',
    ],
    [
      { code: 'reed-solomon', tolerate: 1 },
      ['a0', 'a1', 'a2'],
      'more than --tolerate 1 covers; --tolerate 3 would have covered it',
    ],
    [
      { code: 'groups', tolerate: 2 },
      ['a0', 'a2', 'a1'],
      'more than --code groups --tolerate 2 covers; --code reed-solomon --tolerate 3 would have covered it',
    ],
    [
      { code: 'mirror', tolerate: 1 },
      ['a0', 'c0'],
      'more than --scheme mirror covers; --scheme enhanced --tolerate 1 would have covered it',
    ],
  ])('%j without %j', (protection, lost, line) => expect(told(protection, lost)).toBe(line))

  it('where one group would be too large, with groups', () => {
    expect(told({ code: 'groups', tolerate: 2 }, ['a0', 'a2'], 300)).toBe(
      'more than --code groups --tolerate 2 covers; --code reed-solomon --group-size 240 --tolerate 2 would have covered it',
    )
  })

  it('where no tolerance does, that the disk would', () => {
    const lost = Array.from({ length: 17 }, (_, rank): Place => `a${rank}`)
    expect(told({ code: 'reed-solomon', tolerate: 1 }, lost, 20)).toBe(
      'more than --tolerate 1 covers; --checkpoint-dir would have covered it',
    )
    expect(told(grouped(1, 10), lost, 20)).toBe(
      'more than --group-size 10 --tolerate 1 covers; --group-size 10 --tolerate 9 would have covered it',
    )
  })
})
