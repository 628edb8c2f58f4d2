/** The simulated disk of a machine whose conductor may be lost: what it refuses, and what its checker says where it does not. */
import { describe, expect, it } from 'vitest'
import type { StorageOrder } from '../../src/protocol/index.ts'
import { DiskPort } from '../../src/simulator/candidates/disk-port.ts'
import { SimulatedFolder } from '../../src/simulator/disk/folder.ts'
import { SimulatedManifests } from '../../src/simulator/disk/manifests.ts'
import { type CandidateEnd, Links } from '../../src/simulator/world/links.ts'

const file = { bytes: 0, checksum: 0, isFull: true }
const shares = [{ released: 0, isFinished: false, file }]
const seal = (sequence: number): StorageOrder => ({ type: 'seal', sequence, checkpoint: sequence, since: null, shares })
const notStored = { type: 'notStored', checkpoint: 1, sequence: 2, place: null, reason: 'no room', ends: true } as const
const passedOver = { type: 'passedOver', checkpoint: 1, place: 'a0', reason: 'bytes' } as const

/** A disk with the whole checkpoint 1 of candidate 1; candidate 2 has asked it in epoch 4. */
function asked(obeysStale: 'seal' | 'clear' | null = null, epoch = 4) {
  const said: string[] = []
  const links = new Links()
  const manifests = new SimulatedManifests(new SimulatedFolder(), 1)
  const port = new DiskPort(manifests, links, ({ kind }) => said.push(kind), obeysStale)
  port.take('candidate 1', 3, seal(1))
  for (let answer = null; answer === null; ) answer = manifests.write()
  port.take('candidate 2', epoch, { type: 'askDisk', epoch })
  const answers = (to: CandidateEnd): unknown[] => links.between('disk', to).packets
  return { port, manifests, said, answers }
}

describe('the disk', () => {
  it('says what it holds to who asks it, and answers to nobody else from then on', () => {
    const { port, answers } = asked()
    const whole = [expect.objectContaining({ sequence: 1 })]
    const event = { type: 'diskHolds', epoch: 4, whole, sealing: null, lastSequence: 1 }
    expect(answers('candidate 2')).toEqual([{ type: 'news', event }])
    port.answer({ type: 'sealed', sequence: 2 })
    expect(answers('candidate 1')).toEqual([])
    expect(answers('candidate 2')).toHaveLength(2)
  })

  it('tells whose manifest it is writing', () => {
    const { port, answers } = asked()
    port.take('candidate 2', 4, seal(2))
    port.take('candidate 3', 5, { type: 'askDisk', epoch: 5 })
    expect(answers('candidate 3')).toMatchObject([{ event: { sealing: { sequence: 2 }, lastSequence: 2 } }])
  })

  it('refuses what somebody orders who conducted before', () => {
    const { port, manifests, said, answers } = asked()
    port.take('candidate 1', 3, seal(2))
    port.take('candidate 1', 3, passedOver)
    expect(answers('candidate 1')).toEqual([
      { type: 'refused', epoch: 4 },
      { type: 'refused', epoch: 4 },
    ])
    expect(manifests.isSealing).toBe(false)
    expect(manifests.holds.whole).toHaveLength(1)
    expect(said).toEqual([])
  })

  it('is not asked by who takes over a run that could not be stored, in the epoch in which it ended', () => {
    const { port, manifests, said } = asked()
    port.take('candidate 3', 4, notStored)
    expect(said).toEqual([])
    expect(manifests.holds.whole).toHaveLength(1)
  })
})

describe('its checker finds', () => {
  it('a manifest that is written for who conducted before', () => {
    const { port, said } = asked('seal')
    port.take('candidate 1', 3, seal(2))
    expect(said).toEqual(['STALE ORDER'])
  })

  it('what is cleared away for such a one', () => {
    const { port, said } = asked('clear')
    port.take('candidate 1', 3, passedOver)
    expect(said).toEqual(['STALE ORDER'])
  })

  it('a disk that is asked in the epoch of the one before, and so obeys both', () => {
    const { port, said } = asked(null, 3)
    port.take('candidate 1', 3, seal(2))
    expect(said).toEqual(['STALE ORDER'])
  })

  it.each([seal(2), { ...notStored, ends: false }, passedOver])(
    'what is ordered by a taker that has not asked: %o',
    (order) => {
      const { port, said } = asked()
      port.take('candidate 3', 5, order)
      expect(said).toEqual(['STALE ORDER'])
    },
  )

  it('the end of a run that is told by who conducted before', () => {
    const { port, said } = asked('clear')
    port.take('candidate 1', 3, notStored)
    expect(said).toEqual(['STALE ORDER'])
  })

  it('two manifests that are written at a time', () => {
    const { port, said } = asked()
    port.take('candidate 2', 4, seal(2))
    port.take('candidate 2', 4, seal(3))
    expect(said).toEqual(['UNBOUNDED'])
  })
})
