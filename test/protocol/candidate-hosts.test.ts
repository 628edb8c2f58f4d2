/** Whoever takes over a machine on hosts: it knows where places are, and takes what fell silent together as one. */
import { describe, expect, it } from 'vitest'
import { type ProcessorId, processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import { arrangeSpares } from '../../src/placement/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  conductorRecordProblem,
  createCandidate,
  type Place,
  type StoredRecord,
  stepCandidate,
} from '../../src/protocol/index.ts'

type Propose = Extract<CandidateEffect, { type: 'propose' }>
const hosts = ['h1', 'h1', 'h2', 'h3']

/** Two candidates of two processes and a row on three hosts, the first of which conducts; the store agrees to all. */
class Pair {
  readonly first: CandidateState
  readonly second: CandidateState
  found: StoredRecord = { version: 0, nonce: '', record: null }

  constructor() {
    const code = reedSolomonCode(2, 1)
    const options = { processes: 2, code, unfetchedBytesMax: Number.POSITIVE_INFINITY, arrange: arrangeSpares }
    this.first = createCandidate({ ...options, id: 1 })
    this.second = createCandidate({ ...options, id: 2 })
    this.tell(this.first, { type: 'appointed', replicas: [2] })
    for (const [index, host] of hosts.entries()) this.both({ type: 'ready', processor: processorId(index + 1), host })
    const { core } = this.first.tenure!
    for (const [from, processor] of core.members) {
      this.tell(this.first, {
        ...{ type: 'frame', processor: processor!, epoch: core.epoch, from, frame: { type: 'restored' } },
      })
    }
    expect(core.phase).toBe('running')
  }

  tell(candidate: CandidateState, event: CandidateEvent): CandidateEffect[] {
    const effects = stepCandidate(candidate, event)
    for (const { nonce, version, record } of effects.filter((one): one is Propose => one.type === 'propose')) {
      this.found = { version: version + 1, nonce, record }
      effects.push(...this.tell(candidate, { type: 'agreed', nonce, version: version + 1 }))
    }
    return effects
  }

  both(event: CandidateEvent): void {
    for (const one of [this.first, this.second]) this.tell(one, event)
  }

  takeOver(): CandidateEffect[] {
    return this.tell(this.second, { type: 'unanswered', found: this.found })
  }

  on(host: string): ProcessorId[] {
    return hosts.flatMap((one, index) => (one === host ? [processorId(index + 1)] : []))
  }

  placesOn(host: string): Place[] {
    const ids = this.on(host)
    return this.found.record!.members.flatMap(([place, holder]) => (ids.includes(holder!) ? [place] : []))
  }
}

const recoveries = (effects: readonly CandidateEffect[]): CandidateEffect[] =>
  effects.filter(({ type }) => type === 'recoveryBegan')

describe('on hosts', () => {
  it('the record names the host of each holder, and only of those', () => {
    const pair = new Pair()
    pair.both({ type: 'ready', processor: processorId(5), host: 'h2' })
    expect(pair.found.record!.hosts).toEqual(hosts.map((host, index) => [index + 1, host]))
    expect(conductorRecordProblem(pair.found.record)).toBeNull()
    expect(conductorRecordProblem({ ...pair.found.record!, hosts: [[1, 7]] })).not.toBeNull()
  })

  it('who takes over begins one recovery for all of a host that was lost, and gives its places to where they are covered', () => {
    const pair = new Pair()
    const lost = pair.placesOn('h1')
    pair.tell(pair.second, { type: 'lostTogether', losses: pair.on('h1').map((processor) => ({ processor })) })
    const began = recoveries(pair.takeOver())
    expect(began).toHaveLength(1)
    expect(began[0]).toMatchObject({ lost })
    for (const [index, host] of ['h4', 'h4'].entries()) {
      pair.tell(pair.second, { type: 'ready', processor: processorId(5 + index), host })
    }
    // Others may say so yet: nothing is given before all members have said what they hold.
    const { core } = pair.second.tenure!
    expect(core.vacant).toHaveLength(lost.length)
    for (const [from, processor] of core.members) {
      if (processor === null) continue
      const report = { type: 'report', checkpoints: [0] } as const
      pair.tell(pair.second, { type: 'frame', processor, epoch: core.epoch, from, frame: report })
    }
    expect(core.vacant).toEqual([])
    expect([...pair.second.tenure!.core.hosts.values()].sort()).toEqual(['h2', 'h3', 'h4', 'h4'])
  })

  it('who takes over takes what fell silent together as one', () => {
    const pair = new Pair()
    pair.tell(pair.second, { type: 'silentTogether', losses: pair.on('h1').map((processor) => ({ processor })) })
    const lost = pair.placesOn('h1')
    const began = recoveries(pair.takeOver())
    // One as whoever takes over begins anyway, and one for the host.
    expect(began).toHaveLength(2)
    expect(began[1]).toMatchObject({ lost })
  })

  it('who takes over counts those of a host that fell silent each by itself as processors', () => {
    const pair = new Pair()
    for (const processor of pair.on('h1')) {
      pair.tell(pair.second, { type: 'silent', processor, accident: 'soon' })
    }
    pair.takeOver()
    const { accidents, repeated } = pair.second.tenure!.core
    const counted = [...[...accidents.values()].map(({ withHost }) => withHost), ...repeated.map((one) => one.withHost)]
    expect(counted.length).toBeGreaterThan(0)
    expect(counted.filter((one) => one)).toEqual([])
  })

  it('who takes over goes on counting hosts that are lost with a place', () => {
    const pair = new Pair()
    const losses = pair.on('h1').map((processor) => ({ processor, accident: 'soon' as const }))
    const counted = pair.placesOn('h1').map((place) => ({ place, losses: 0, withHost: 1, line: null }))
    pair.tell(pair.second, { type: 'lostTogether', losses })
    pair.takeOver()
    expect(pair.found.record!.repeated).toEqual(counted)
  })
})
