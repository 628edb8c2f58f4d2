/** A candidate, event by event: what it may tell when, and what it keeps. */
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  createCandidate,
  type Frame,
  type Place,
  stepCandidate,
} from '../../src/protocol/index.ts'

type Propose = Extract<CandidateEffect, { type: 'propose' }>

/** A conductor of one process with its two check processors; its record is changed when the test says so. */
class Conducting {
  readonly state: CandidateState
  #version = 0
  #started = 0

  constructor(replicas: readonly number[] = [], unfetchedBytesMax = Number.POSITIVE_INFINITY) {
    this.state = createCandidate({ id: 1, processes: 1, code: reedSolomonCode(1, 1), unfetchedBytesMax })
    this.agree(this.tell({ type: 'appointed', replicas }))
  }

  tell(event: CandidateEvent): CandidateEffect[] {
    return stepCandidate(this.state, event)
  }

  /** Answers what was proposed, and all that is proposed then. */
  agree(effects: readonly CandidateEffect[]): CandidateEffect[] {
    const told = [...effects]
    for (const proposal of proposalsIn(effects)) {
      this.#version = proposal.version + 1
      told.push(...this.agree(this.tell({ type: 'agreed', nonce: proposal.nonce, version: this.#version })))
    }
    return told
  }

  spare(): CandidateEffect[] {
    this.#started += 1
    return this.tell({ type: 'ready', processor: processorId(this.#started), host: null })
  }

  hear(from: Place, frame: Frame): CandidateEffect[] {
    const { members, epoch } = this.state.tenure!.core
    return this.tell({ type: 'frame', processor: members.get(from)!, epoch, from, frame })
  }

  /** All places are held, and the program computes. */
  begin(): this {
    for (let count = 4; count > 0; count -= 1) this.agree(this.spare())
    for (const place of ['a0', 'c0', 'b0'] as const) this.agree(this.hear(place, { type: 'restored' }))
    expect(this.state.tenure!.core.phase).toBe('running')
    return this
  }

  output(index: number, kind: 'emit' | 'done' = 'emit'): CandidateEffect[] {
    return this.hear('a0', { type: 'output', index, kind, payload: new Uint8Array(10) })
  }

  logged(from: number, upTo: number): CandidateEffect[] {
    return this.tell({ type: 'fromCandidate', from, message: { type: 'logged', revision: 1, upTo } })
  }
}

const proposalsIn = (effects: readonly CandidateEffect[]): Propose[] => effects.filter((one) => one.type === 'propose')
const typesOf = (effects: readonly CandidateEffect[]): string[] =>
  effects.map((one) => (one.type === 'send' ? one.frame.type : one.type))

describe('first agreed, then told (C2)', () => {
  it('holds what a loss brings about until the record has it', () => {
    const conducting = new Conducting().begin()
    const effects = conducting.tell({ type: 'lost', processor: processorId(1) })
    expect(typesOf(effects)).toEqual(['propose'])
    const told = typesOf(conducting.agree(effects)).slice(1)
    expect(told.slice(0, 2)).toEqual(['recoveryBegan', 'recover'])
    expect(told).toContain('assign')
  })

  it('takes further losses into the next proposal, and tells of each in its turn', () => {
    const conducting = new Conducting().begin()
    const [first] = proposalsIn(conducting.tell({ type: 'lost', processor: processorId(1) }))
    expect(conducting.tell({ type: 'lost', processor: processorId(3) })).toEqual([])
    expect(first!.record).toMatchObject({ epoch: 2, missing: ['a0'] })
    const told = conducting.tell({ type: 'agreed', nonce: first!.nonce, version: first!.version + 1 })
    expect(proposalsIn(told)[0]!.record).toMatchObject({ epoch: 3, missing: ['a0', 'b0'] })
    expect(told.filter(({ type }) => type === 'recoveryBegan')).toEqual([
      { type: 'recoveryBegan', epoch: 2, lost: ['a0'], rollback: true },
    ])
  })

  it('proposes the very same again where no answer came, and knows it by its nonce', () => {
    const conducting = new Conducting().begin()
    const [first] = proposalsIn(conducting.tell({ type: 'lost', processor: processorId(1) }))
    expect(conducting.tell({ type: 'unknown', nonce: first!.nonce })).toEqual([first])
    const { nonce, version, record } = first!
    const found = { version: version + 1, nonce, record }
    expect(typesOf(conducting.tell({ type: 'refused', nonce, found }))).toContain('recover')
  })

  it('tells nothing of it where somebody else was faster', () => {
    const conducting = new Conducting([2]).begin()
    const [first] = proposalsIn(conducting.tell({ type: 'lost', processor: processorId(1) }))
    const record = { ...first!.record, conductor: 2, revision: 2 }
    const found = { version: first!.version + 1, nonce: '2.1', record }
    expect(typesOf(conducting.tell({ type: 'refused', nonce: first!.nonce, found }))).toEqual(['resigned'])
  })
})

describe('the release log', () => {
  it('releases, and acknowledges, what all replicas have (O1, O2)', () => {
    const conducting = new Conducting([2, 3]).begin()
    expect(typesOf(conducting.output(0))).toEqual(['tellCandidate', 'tellCandidate'])
    expect(conducting.logged(2, 1)).toEqual([])
    expect(typesOf(conducting.logged(3, 1))).toEqual(['outputAck', 'release'])
  })

  it('waits for a replica that is lost until the record says so (O1)', () => {
    const conducting = new Conducting([2]).begin()
    conducting.output(0)
    const effects = conducting.tell({ type: 'candidateLost', candidate: 2 })
    expect(typesOf(effects)).toEqual(['propose'])
    expect(typesOf(conducting.agree(effects))).toEqual(['propose', 'outputAck', 'release'])
  })

  it('counts on a newcomer from the moment it is proposed', () => {
    const conducting = new Conducting().begin()
    expect(typesOf(conducting.tell({ type: 'candidateFound', candidate: 4 }))).toEqual(['tellCandidate'])
    const proposed = conducting.logged(4, 0)
    expect(proposalsIn(proposed)[0]!.record.replicas).toEqual([4])
    expect(typesOf(conducting.output(0))).toEqual(['tellCandidate'])
    expect(typesOf(conducting.agree(proposed))).toEqual(['propose'])
    expect(typesOf(conducting.logged(4, 1))).toEqual(['outputAck', 'release'])
  })

  it('puts the outcome on record only when all output is everywhere (C6)', () => {
    const conducting = new Conducting([2]).begin()
    expect(proposalsIn(conducting.output(0, 'done'))).toEqual([])
    const told = conducting.logged(2, 1)
    expect(proposalsIn(told)[0]!.record.outcome).toEqual({ type: 'finished' })
    expect(typesOf(told)).toEqual(['propose', 'outputAck', 'release'])
    expect(typesOf(conducting.agree(told)).slice(3)).toEqual(['finished'])
  })

  it('takes no more than is fetched in time (O3)', () => {
    const conducting = new Conducting([], 15).begin()
    expect(typesOf(conducting.output(0))).toEqual(['outputAck', 'release'])
    expect(typesOf(conducting.output(1))).toEqual(['outputAck', 'release'])
    expect(conducting.output(2)).toEqual([])
    expect(conducting.output(3)).toEqual([])
    expect(typesOf(conducting.tell({ type: 'fetched', upTo: 1 }))).toEqual(['outputAck', 'release'])
    expect(typesOf(conducting.tell({ type: 'fetched', upTo: 3 }))).toEqual(['outputAck', 'release'])
    expect(conducting.state.log).toMatchObject({ fetched: 3, bytes: 10 })
  })
})

const recordedLosses = ({ tenure }: CandidateState): unknown[] =>
  tenure!.proposal!.record.repeated.map(({ place, losses, line }) => [place, losses, line])

describe('a candidate that stands by', () => {
  const standby = (): CandidateState =>
    createCandidate({ id: 2, processes: 1, code: reedSolomonCode(1, 1), unfetchedBytesMax: Number.POSITIVE_INFINITY })
  const record = {
    ...{ revision: 1, conductor: 1, replicas: [2], epoch: 4, missing: [], begun: true, rollback: false },
    ...{ fromDisk: false, sequence: 0, endsWith: null, failures: [], repeated: [], outcome: null },
    members: (['a0', 'c0', 'b0'] as const).map((place, index) => [place, processorId(index + 1)] as const),
  }
  const found = { version: 9, nonce: '1.9', record }

  it('asks first, and claims only if it is a replica (C5)', () => {
    const state = standby()
    stepCandidate(state, { type: 'recordChanged', found: { ...found, record: { ...record, replicas: [3] } } })
    expect(stepCandidate(state, { type: 'conductorUnheard' })).toEqual([])
    expect(stepCandidate(state, { type: 'unanswered', found: { ...found, version: 10 } })).toMatchObject([
      { type: 'propose', version: 10, record: { revision: 2, conductor: 2, epoch: 5 } },
    ])
  })

  it('waits while those that it does not hear could not be done without (C5)', () => {
    const state = standby()
    for (const one of [1, 2, 3]) stepCandidate(state, { type: 'silent', processor: processorId(one) })
    expect(stepCandidate(state, { type: 'unanswered', found })).toEqual([])
    stepCandidate(state, { type: 'heard', processor: processorId(2) })
    expect(proposalsIn(stepCandidate(state, { type: 'unanswered', found }))).toHaveLength(1)
  })

  it('promises nothing to the one before once it has claimed, and all if its claim is refused', () => {
    const state = standby()
    const tell = (event: CandidateEvent): CandidateEffect[] => stepCandidate(state, event)
    const entry = { type: 'output', rank: 0, index: 0, kind: 'emit', payload: new Uint8Array(1) } as const
    const log = { fetched: 0, before: { next: new Map(), finished: new Set<number>() }, entries: [], bytes: 0 }
    tell({ type: 'fromCandidate', from: 1, message: { type: 'copy', revision: 1, log } })
    const [claim] = proposalsIn(tell({ type: 'unanswered', found }))
    const append = { type: 'append', revision: 1, number: 1, entry } as const
    expect(tell({ type: 'fromCandidate', from: 1, message: append })).toEqual([])
    const newer = { version: 10, nonce: '1.10', record: { ...record, epoch: 5 } }
    expect(tell({ type: 'refused', nonce: claim!.nonce, found: newer })).toEqual([
      { type: 'resigned', revision: 2 },
      { type: 'tellCandidate', to: 1, message: { type: 'logged', revision: 1, upTo: 1 } },
    ])
  })

  it('introduces itself with the members of its claim, whoever has taken a place since then', () => {
    const state = standby()
    const members = record.members.map(([place, holder]) => [place, place === 'b0' ? null : holder] as const)
    const missing = { ...record, missing: ['b0' as const], members }
    const [claim] = proposalsIn(stepCandidate(state, { type: 'unanswered', found: { ...found, record: missing } }))
    stepCandidate(state, { type: 'ready', processor: processorId(4), host: null })
    expect(state.tenure!.core.members.get('b0')).toBe(4)
    const told = stepCandidate(state, { type: 'agreed', nonce: claim!.nonce, version: 10 })
    const [later] = proposalsIn(told)
    expect(new Map(later!.record.members).get('b0')).toBe(4)
    expect(told.find(({ type }) => type === 'introduce')).toEqual({ type: 'introduce', epoch: 4, members })
  })

  it('gives no place to a spare that fell silent before it was known to be one', () => {
    const state = standby()
    const spare = processorId(4)
    stepCandidate(state, { type: 'silent', processor: spare })
    const members = record.members.map(([place, holder]) => [place, place === 'b0' ? null : holder] as const)
    const missing = { ...record, missing: ['b0' as const], members }
    const [claim] = proposalsIn(stepCandidate(state, { type: 'unanswered', found: { ...found, record: missing } }))
    stepCandidate(state, { type: 'agreed', nonce: claim!.nonce, version: 10 })
    stepCandidate(state, { type: 'ready', processor: spare, host: null })
    expect(state.tenure!.core).toMatchObject({ epoch: 6, spares: [] })
    expect(state.tenure!.core.members.get('b0')).toBeNull()
  })

  it('goes on counting losses of one place, those with the conductor too (C1)', () => {
    const repeated = [{ place: 'a0', losses: 8, line: 0 }] as const
    const taken = (lost: readonly number[]): CandidateState => {
      const state = standby()
      for (const one of lost) stepCandidate(state, { type: 'lost', processor: processorId(one), accident: 'soon' })
      const [claim] = proposalsIn(
        stepCandidate(state, { type: 'unanswered', found: { ...found, record: { ...record, repeated } } }),
      )
      expect(claim!.record).toMatchObject({ epoch: 5 })
      return state
    }
    expect(recordedLosses(taken([]))).toEqual([['a0', 8, 0]])
    expect(recordedLosses(taken([1]))).toEqual([
      ['a0', 8, 0],
      ['a0', 1, null],
    ])
  })

  it('knows what was released, and what a return to the disk took back of it (O2)', () => {
    const state = standby()
    const entry = (index: number) =>
      ({ type: 'output', rank: 0, index, kind: 'emit', payload: new Uint8Array(1) }) as const
    const tookBack = { type: 'tookBack', outputs: [{ released: 1, isFinished: false }] } as const
    const log = {
      ...{ fetched: 1, before: { next: new Map([[0, 1]]), finished: new Set<number>() }, bytes: 1 },
      entries: [entry(1), tookBack],
    }
    stepCandidate(state, { type: 'fromCandidate', from: 1, message: { type: 'copy', revision: 1, log } })
    stepCandidate(state, { type: 'unanswered', found })
    expect(state.tenure!.core.nextOutput.get(0)).toBe(1)
  })
})
