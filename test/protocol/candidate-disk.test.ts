/** A candidate whose run keeps checkpoints on disk: which number is on record when, and what a taker asks of the disk (C7). */
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  type ConductorRecord,
  createCandidate,
  type DiskCheckpoint,
  type Frame,
  type Place,
  stepCandidate,
} from '../../src/protocol/index.ts'
import { file } from './conducted.ts'

type Propose = Extract<CandidateEffect, { type: 'propose' }>

const code = reedSolomonCode(1, 1)
const storage = { every: 1, isIncremental: true, whole: [], lastSequence: 0 }
const members = (['a0', 'c0', 'b0'] as const).map((place, index) => [place, processorId(index + 1)] as const)
const outputs = [{ released: 0, isFinished: false }]
const onDisk = (sequence: number): DiskCheckpoint => ({ sequence, checkpoint: sequence, changesInARow: 0, outputs })

/** One that conducts or takes over; what it proposes is agreed to at once. */
class Candidate {
  readonly state: CandidateState
  #version = 20

  constructor(unfetchedBytesMax = Number.POSITIVE_INFINITY, own: typeof code | null = code) {
    this.state = createCandidate({ id: 2, processes: 1, code: own, storage, unfetchedBytesMax })
  }

  /** Begins to conduct a run that nobody has conducted before; the program computes. */
  begin(): this {
    this.tell({ type: 'appointed', replicas: [] })
    for (let id = 1; id <= 4; id += 1) this.tell({ type: 'ready', processor: processorId(id), host: null })
    for (const place of ['a0', 'c0', 'b0'] as const) this.hear(place, { type: 'restored' })
    return this
  }

  /** Takes over from candidate 1. */
  take(found: Partial<ConductorRecord> = {}): string[] {
    const record: ConductorRecord = {
      ...{ revision: 1, conductor: 1, replicas: [2], epoch: 4, missing: [], begun: true, rollback: false, members },
      ...{ fromDisk: false, sequence: 6, endsWith: null, failures: [], repeated: [], outcome: null },
      ...found,
    }
    return this.tell({ type: 'unanswered', found: { version: this.#version, nonce: '1.9', record } })
  }

  /** What it lets go of, in short. */
  tell(event: CandidateEvent): string[] {
    const told: CandidateEffect[] = []
    for (let left = stepCandidate(this.state, event); left.length > 0; ) {
      told.push(...left)
      const [proposal] = left.filter((one): one is Propose => one.type === 'propose')
      if (!proposal) break
      this.#version = proposal.version + 1
      left = stepCandidate(this.state, { type: 'agreed', nonce: proposal.nonce, version: this.#version })
    }
    return told.map(shortly)
  }

  hear(from: Place, frame: Frame): string[] {
    const { members: held, epoch } = this.state.tenure!.core
    return this.tell({ type: 'frame', processor: held.get(from)!, epoch, from, frame })
  }

  stored(sequence: number, released = 0): string[] {
    return this.hear('a0', { type: 'stored', sequence, committed: 1, released, isFinished: false, file })
  }

  /** All hold this checkpoint, and go on. */
  recover(line: number): string[] {
    const reports = members.flatMap(([place]) => this.hear(place, { type: 'report', checkpoints: [line] }))
    return [...reports, ...members.flatMap(([place]) => this.hear(place, { type: 'restored' }))]
  }
}

function shortly(effect: CandidateEffect): string {
  if (effect.type === 'send')
    return effect.frame.type === 'store' ? `store ${effect.frame.sequence}` : effect.frame.type
  if (effect.type === 'propose') return `propose ${effect.record.sequence}`
  return effect.type === 'askDisk' ? `askDisk ${effect.epoch}` : effect.type
}

describe('the conductor of a run that keeps checkpoints on disk', () => {
  it('has the number of a writing on record before anybody hears of it', () => {
    const { state } = new Candidate().begin()
    expect(state.found.record).toMatchObject({ sequence: 1 })
    const told = new Candidate().begin()
    told.stored(1)
    expect(told.tell({ type: 'sealed', sequence: 1 })).toEqual(['propose 2', 'stored', 'store 2'])
  })

  it('lets no checkpoint count while output before it waits to be fetched (O3)', () => {
    const candidate = new Candidate(5).begin()
    const output = (index: number): string[] =>
      candidate.hear('a0', { type: 'output', index, kind: 'emit', payload: new Uint8Array(10) })
    expect(output(0)).toEqual(['outputAck', 'release'])
    expect(output(1)).toEqual([])
    expect(candidate.stored(1, 2)).toEqual([])
    expect(candidate.tell({ type: 'fetched', upTo: 1 })).toEqual(['outputAck', 'release'])
    expect(candidate.tell({ type: 'fetched', upTo: 2 })).toEqual(['seal'])
  })
})

describe('who takes over', () => {
  it('asks the disk in an epoch of its own, and waits for what it holds before anything is written', () => {
    const candidate = new Candidate()
    expect(candidate.take().filter((one) => one.startsWith('askDisk'))).toEqual(['askDisk 5'])
    expect(candidate.recover(7)).toContain('resumed')
    expect(candidate.state.tenure!.core.storage).toMatchObject({ order: null, isUnheard: true })
    // The number after all that are on record, though the disk has seen fewer.
    const told = candidate.tell({ type: 'diskHolds', epoch: 5, whole: [onDisk(5)], sealing: null, lastSequence: 5 })
    expect(told).toEqual(['propose 7', 'store 7'])
    expect(candidate.state.tenure!.core.storage!.order).toMatchObject({ since: 5, checkpoint: 8 })
  })

  it('lets the manifest count that the one before had ordered', () => {
    const candidate = new Candidate()
    candidate.take()
    candidate.tell({ type: 'diskHolds', epoch: 5, whole: [onDisk(4)], sealing: onDisk(5), lastSequence: 5 })
    expect(candidate.recover(5)).not.toContain('store 7')
    expect(candidate.tell({ type: 'sealed', sequence: 5 })).toEqual(['propose 7', 'stored', 'store 7'])
    expect(candidate.state.tenure!.core.storage!.whole.map(({ sequence }) => sequence)).toEqual([4, 5])
  })

  it('ignores what the disk answered to it when it conducted before', () => {
    const candidate = new Candidate()
    candidate.take()
    expect(candidate.tell({ type: 'sealed', sequence: 5 })).toEqual([])
    expect(candidate.tell({ type: 'notSealed', sequence: 6, reason: 'ENOSPC' })).toEqual([])
  })

  it.each([3, 6])(
    'waits for the answer to what it has asked itself, not for one to what was asked in epoch %i',
    (epoch) => {
      const candidate = new Candidate()
      candidate.take()
      expect(candidate.tell({ type: 'diskHolds', epoch, whole: [onDisk(4)], sealing: null, lastSequence: 4 })).toEqual(
        [],
      )
      expect(candidate.state.tenure!.core.storage).toMatchObject({ isUnheard: true, whole: [] })
      // A loss begins a later epoch before the answer is there.
      candidate.tell({ type: 'lost', processor: processorId(1) })
      candidate.tell({ type: 'diskHolds', epoch: 5, whole: [onDisk(5)], sealing: null, lastSequence: 5 })
      expect(candidate.state.tenure!.core).toMatchObject({
        epoch: 6,
        storage: { isUnheard: false, whole: [onDisk(5)] },
      })
    },
  )

  it.each([
    ['nothing', null, 'uncovered'],
    ['a checkpoint', onDisk(5), 'lineFound'],
  ] as const)(
    'gives up a run whose loss no code covers only when the disk has said that it holds %s',
    (_, held, end) => {
      const candidate = new Candidate()
      for (const id of [1, 2, 3]) candidate.tell({ type: 'lost', processor: processorId(id) })
      expect(candidate.take()).not.toContain('uncovered')
      for (let id = 4; id <= 6; id += 1) candidate.tell({ type: 'ready', processor: processorId(id), host: null })
      const whole = held ? [held] : []
      expect(candidate.tell({ type: 'diskHolds', epoch: 5, whole, sealing: null, lastSequence: 5 })).toContain(end)
    },
  )

  it('knows of a damaged memory that it ends the run, unless more is on disk', () => {
    const damaged = { type: 'damaged', place: 'a0', onDisk: null, reason: 'bytes' } as const
    const candidate = new Candidate()
    candidate.take({ fromDisk: true, endsWith: damaged, missing: ['a0', 'c0', 'b0'] })
    const told = candidate.tell({ type: 'diskHolds', epoch: 5, whole: [], sealing: null, lastSequence: 0 })
    expect(told).toContain('damaged')
    expect(candidate.state.found.record!.outcome).toEqual(damaged)
  })

  it('needs the memory of nobody where files alone keep checkpoints, but somebody to go on with (C5)', () => {
    const alone = {
      members: [
        ['a0', processorId(1)],
        ['c0', processorId(2)],
      ],
    } as const
    const silent = (ids: readonly number[]): string[] => {
      const candidate = new Candidate(undefined, null)
      for (const id of ids) candidate.tell({ type: 'silent', processor: processorId(id) })
      return candidate.take(alone)
    }
    expect(silent([1])).toContain('tookOffice')
    expect(silent([1, 2])).toEqual([])
  })
})
