/** The conductor's part in checkpoints on disk: what it orders, when one counts, and who goes back to it. */
import { describe, expect, it } from 'vitest'
import { reedSolomonCode } from '../../src/parity/index.ts'
import type { DiskCheckpoint, Place } from '../../src/protocol/index.ts'
import { Conducted, file, processes } from './conducted.ts'

const conduct = (whole: readonly DiskCheckpoint[] = [], every = 2): Conducted =>
  new Conducted(reedSolomonCode(processes, 1), every, whole)

const loads = (told: readonly string[]): string[] => told.filter((line) => line.includes('from disk'))

describe('a checkpoint on disk', () => {
  it('counts only when every file is durable, and then its manifest (F1)', () => {
    const conducted = conduct()
    expect(conducted.state.storage!.order).toMatchObject({ sequence: 1, checkpoint: 2, since: null })
    const stored = { type: 'stored', sequence: 1, committed: 2, released: 0, isFinished: false, file } as const
    expect(conducted.hear('a1', stored)).toEqual([])
    expect(conducted.hear('a0', stored)).toEqual(['write the manifest of writing 1, checkpoint 2'])
    expect(conducted.state.storage!.whole).toEqual([])
    expect(conducted.tell({ type: 'sealed', sequence: 1 })).toEqual([
      'checkpoint 2 is whole on disk',
      '-> a0 store checkpoint 4 as writing 2, changes since writing 1',
      '-> a1 store checkpoint 4 as writing 2, changes since writing 1',
    ])
  })

  it('that somebody was told of too late is ordered anew, further ahead', () => {
    const conducted = conduct()
    const late = { type: 'notStored', sequence: 1, committed: 7, reason: null } as const
    expect(conducted.hear('a0', late)[0]).toBe('-> a0 store checkpoint 10 as writing 2')
    // What the other has begun to write meanwhile counts no more.
    const stale = { type: 'stored', sequence: 1, committed: 7, released: 0, isFinished: false, file } as const
    expect(conducted.hear('a1', stale)).toEqual([])
  })

  it('that cannot be written leaves the one before, and the next is tried', () => {
    const conducted = conduct()
    conducted.seal(2)
    const full = { type: 'notStored', sequence: 2, committed: 4, reason: 'ENOSPC' } as const
    expect(conducted.hear('a0', full)).toEqual([
      'checkpoint 4 is not on disk: a0: ENOSPC',
      '-> a0 store checkpoint 6 as writing 3, changes since writing 1',
      '-> a1 store checkpoint 6 as writing 3, changes since writing 1',
    ])
    conducted.storeAll(6)
    expect(conducted.tell({ type: 'notSealed', sequence: 3, reason: 'ENOSPC' })[0]).toBe(
      'checkpoint 6 is not on disk: the manifest: ENOSPC',
    )
    expect(conducted.state.storage!.whole.map(({ checkpoint }) => checkpoint)).toEqual([2])
  })

  it('is a full one again after eight of changes', () => {
    const conducted = conduct([], 1)
    const since = Array.from({ length: 11 }, (_, index) => {
      const { order } = conducted.state.storage!
      conducted.seal(index + 1)
      return order!.since
    })
    expect(since).toEqual([null, 1, 2, 3, 4, 5, 6, 7, 8, null, 10])
  })

  it('counts the changes of the run before it, and those of the older one if the newest is passed over', () => {
    const outputs = [0, 1].map(() => ({ released: 0, isFinished: false }))
    const whole = [
      { sequence: 1, checkpoint: 1, changesInARow: 8, outputs },
      { sequence: 2, checkpoint: 2, changesInARow: 0, outputs },
    ]
    const conducted = conduct(whole, 1)
    expect(conducted.state.storage!.order!.since).toBe(2)
    conducted.loseTwo()
    conducted.hear('a1', { type: 'damaged', reason: 'it is cut off' })
    conducted.restoreAll()
    expect(conducted.state.storage!.order!.since).toBeNull()
    expect(conduct(whole.slice(0, 1), 1).state.storage!.order!.since).toBeNull()
  })
})

describe('a loss that no code covers', () => {
  it('ends the run while nothing is whole on disk', () => {
    expect(conduct().loseTwo()).toContain('no code covers the loss of a0 a1')
  })

  it('takes everybody back to the disk, and outputs with them (F3)', () => {
    const conducted = conduct()
    conducted.seal(2)
    conducted.state.nextOutput.set(0, 9)
    const told = conducted.loseTwo()
    expect(told).toContain('recovery line 2 on disk')
    const places = [...conducted.state.members.keys()]
    expect(loads(told)).toEqual(
      places.map(
        (place) => `-> ${place} plan: recovery line 2 from disk (writing 1), rebuild c0 from a0 a1, b0 from a0 a1`,
      ),
    )
    expect(conducted.state.nextOutput.get(0)).toBe(3)
    expect(conducted.restoreAll()).toContain('resumed at checkpoint 2')
    expect(conducted.state.storage!.order).toMatchObject({ checkpoint: 4, since: 1 })
  })

  it('is followed by further losses: the way back to the disk begins anew, whoever they are', () => {
    const conducted = conduct()
    conducted.seal(2)
    conducted.loseTwo()
    conducted.hear('a0', { type: 'restored' })
    for (const place of ['c0', 'b0', 'a0'] as const) conducted.lose(place)
    conducted.spare()
    conducted.spare()
    expect(loads(conducted.spare())).toHaveLength(4)
    expect(conducted.restoreAll()).toContain('resumed at checkpoint 2')
  })

  it('waits for the manifest that is being written, whether that succeeds or not', () => {
    for (const ends of [true, false]) {
      const conducted = conduct()
      conducted.seal(2)
      conducted.storeAll(4)
      expect(loads(conducted.loseTwo())).toEqual([])
      const told = conducted.tell(
        ends ? { type: 'sealed', sequence: 2 } : { type: 'notSealed', sequence: 2, reason: 'ENOSPC' },
      )
      expect(told).toContain(`recovery line ${ends ? 4 : 2} on disk`)
    }
  })

  it('waits for the first manifest too, and ends the run if that cannot be written', () => {
    for (const becomesWhole of [true, false]) {
      const conducted = conduct()
      conducted.storeAll(2)
      const lost = conducted.loseTwo()
      expect([...loads(lost), ...lost.filter((line) => line.startsWith('no code covers'))]).toEqual([])
      if (becomesWhole) {
        expect(conducted.tell({ type: 'sealed', sequence: 1 })).toContain('recovery line 2 on disk')
        expect(conducted.restoreAll()).toContain('resumed at checkpoint 2')
      } else {
        expect(conducted.tell({ type: 'notSealed', sequence: 1, reason: 'ENOSPC' })).toEqual([
          'checkpoint 2 is not on disk: the manifest: ENOSPC',
          'no code covers the loss of a0 a1',
        ])
      }
    }
  })

  it('is no other than damage while the first manifest is being written', () => {
    for (const becomesWhole of [true, false]) {
      const conducted = conduct()
      conducted.storeAll(2)
      conducted.lose('a0')
      conducted.spare()
      conducted.hear('a1', { type: 'report', checkpoints: [1] })
      const places = ['c0', 'b0'].filter((place) => conducted.state.members.has(place as Place)) as Place[]
      for (const place of places) conducted.hear(place, { type: 'report', checkpoints: [1] })
      expect(conducted.hear('a0', { type: 'damaged', reason: 'page groups 3' })).not.toContain('a0 is damaged')
      const told = conducted.tell(
        becomesWhole ? { type: 'sealed', sequence: 1 } : { type: 'notSealed', sequence: 1, reason: 'EIO' },
      )
      expect(told).toContain(becomesWhole ? 'recovery line 2 on disk' : 'a0 is damaged: page groups 3')
    }
  })

  it('goes to the checkpoint before if the newest is damaged, and ends the run if that is too', () => {
    const conducted = conduct()
    conducted.seal(2)
    conducted.seal(4)
    conducted.loseTwo()
    const damaged = { type: 'damaged', reason: 'pages-2.bin: it is cut off' } as const
    const told = conducted.hear('a1', damaged)
    expect(told).toContain('checkpoint 4 on disk is passed over: a1: pages-2.bin: it is cut off')
    expect(told).toContain('recovery line 2 on disk')
    expect(conducted.hear('a0', damaged)).toEqual(['a0 is damaged: pages-2.bin: it is cut off'])
  })
})

it('a run that is gone on with begins with what is on disk', () => {
  const outputs = [
    { released: 5, isFinished: false },
    { released: 2, isFinished: true },
  ]
  const conducted = conduct([{ sequence: 1, checkpoint: 8, changesInARow: 0, outputs }])
  expect(conducted.state).toMatchObject({ phase: 'running', line: 8, fromDisk: false })
  expect(conducted.state.nextOutput).toEqual(
    new Map([
      [0, 5],
      [1, 2],
    ]),
  )
  expect(conducted.state.finished).toEqual(new Set([1]))
  expect(conducted.state.storage!.order).toMatchObject({ sequence: 2, checkpoint: 10 })
})
