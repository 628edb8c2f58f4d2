/** Candidates as they are, each at a store over a link of its own: who conducts, whatever the order in which things come. */
import { fc, test as property } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { assert, processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  type ConductorRecord,
  createCandidate,
  stepCandidate,
} from '../../src/protocol/index.ts'
import { type Asker, answerMs, CandidatesWorld, ttlMs } from './candidates-world.ts'

interface Candidate {
  readonly asker: Asker
  readonly state: CandidateState
  /** What came while an event was handled. */
  readonly waiting: CandidateEvent[]
  isBusy: boolean
  isAlive: boolean
  /** Asked in vain, so that it may claim. */
  mayClaim: boolean
}

class TakeOverWorld {
  readonly store = new CandidatesWorld()
  readonly all: Candidate[] = []
  readonly #letters: { readonly to: number; readonly event: CandidateEvent }[] = []
  /** Who conducts in which revision, by the record. */
  readonly #conductors = new Map<number, number>()
  #record: ConductorRecord | null = null
  #spares = 0

  constructor(count: number) {
    this.store.store.watch('runs/x/record', ({ value }) => this.#noteRecord(value as ConductorRecord | null))
    for (let id = 1; id <= count; id += 1) this.#begin(id)
    const others = this.all.slice(1).map(({ asker }) => asker.id)
    this.handle(this.all[0]!, { type: 'appointed', replicas: others })
    this.#introduce()
  }

  get conductor(): Candidate {
    return this.all[(this.#record?.conductor ?? 1) - 1]!
  }

  get revisions(): number {
    return this.#conductors.size
  }

  handle(one: Candidate, event: CandidateEvent): void {
    one.waiting.push(event)
    if (one.isBusy || !one.isAlive) return
    one.isBusy = true
    for (let next = one.waiting.shift(); next; next = one.waiting.shift()) {
      if (next.type === 'unanswered') one.mayClaim = true
      for (const effect of stepCandidate(one.state, next)) this.#carryOut(one, effect)
    }
    one.isBusy = false
  }

  /** The crew tells everybody of a processor. */
  spare(): void {
    this.#spares += 1
    for (const one of this.all) this.handle(one, { type: 'ready', processor: processorId(this.#spares), host: null })
  }

  suspect(one: Candidate): void {
    if (one !== this.conductor) this.handle(one, { type: 'conductorUnheard' })
  }

  /** Its process ends; of what it has asked, so much still arrives. */
  crash(one: Candidate, arriving: number): void {
    one.isAlive = false
    this.store.crash(one.asker, arriving)
    for (const other of this.all) this.handle(other, { type: 'candidateLost', candidate: one.asker.id })
  }

  step(choice: number): boolean {
    const isLetter = this.#letters.length > 0 && choice % 3 === 0
    if (!isLetter && this.store.step((below) => choice % below)) return true
    const letter = this.#letters.shift()
    if (letter) this.handle(this.all[letter.to - 1]!, letter.event)
    return letter !== undefined
  }

  /** All hear each other, and nobody is lost any more. */
  heal(): void {
    this.store.frozen.clear()
    for (const { asker } of this.all) asker.store.loses = 'nothing'
    for (let passedMs = 0; passedMs < 3 * ttlMs; passedMs += answerMs / 2) {
      if (!this.conductor.isAlive || !this.conductor.state.tenure) {
        for (const one of this.all) this.suspect(one)
      }
      while (this.step(0));
      this.store.passMs(answerMs / 2)
    }
    while (this.step(0));
  }

  #begin(id: number): void {
    const code = reedSolomonCode(1, 1)
    const state = createCandidate({ id, processes: 1, code, unfetchedBytesMax: Number.POSITIVE_INFINITY })
    const asker = this.store.begin((_, event) => this.handle(one, event))
    const one: Candidate = { asker, state, waiting: [], isBusy: false, isAlive: true, mayClaim: false }
    this.all.push(one)
  }

  #introduce(): void {
    for (const one of this.all) {
      for (const { asker } of this.all) {
        if (asker !== one.asker) this.handle(one, { type: 'candidateFound', candidate: asker.id })
      }
    }
  }

  #carryOut({ asker, isAlive }: Candidate, effect: CandidateEffect): void {
    if (!isAlive) return
    switch (effect.type) {
      case 'propose':
      case 'challenge':
      case 'answerChallenge':
        asker.at.carryOut(effect)
        return
      case 'tellCandidate': {
        const event: CandidateEvent = { type: 'fromCandidate', from: asker.id, message: effect.message }
        this.#letters.push({ to: effect.to, event })
        return
      }
      case 'assign':
        expect(effect.epoch, 'C2').toBeLessThanOrEqual(this.#record!.epoch)
        return
      default:
    }
  }

  #noteRecord(record: ConductorRecord | null): void {
    if (!record) return
    const before = this.#record
    this.#record = record
    const { revision, conductor } = record
    expect(this.#conductors.get(revision) ?? conductor, 'one conductor in a revision').toBe(conductor)
    this.#conductors.set(revision, conductor)
    if (!before || before.revision === revision) return
    expect(revision).toBe(before.revision + 1)
    const claimer = this.all[conductor - 1]!
    expect(claimer.mayClaim, 'C5').toBe(true)
    claimer.mayClaim = false
  }
}

const turn = fc.record({
  what: fc.constantFrom(
    'step',
    'step',
    'step',
    'step',
    'suspect',
    'suspect',
    'spare',
    'pass',
    'freeze',
    'thaw',
    'lose',
    'crash',
  ),
  choice: fc.nat(1000),
})

let takeOvers = 0
property.prop([fc.array(turn, { minLength: 20, maxLength: 120 })], { numRuns: 100 })(
  'each revision has one conductor, who asked the one before in vain, and in the end somebody conducts',
  (turns) => {
    const world = new TakeOverWorld(3)
    while (world.step(0));
    let crashes = 0
    for (const { what, choice } of turns) {
      const one = choice % 2 === 0 ? world.conductor : world.all[choice % 3]!
      if (what === 'step') world.step(choice)
      else if (what === 'spare') world.spare()
      else if (what === 'pass') world.store.passMs(answerMs / 2)
      else if (what === 'suspect') world.suspect(world.all[choice % 3]!)
      else if (what === 'freeze') world.store.frozen.add(one.asker.link)
      else if (what === 'thaw') world.store.frozen.clear()
      else if (what === 'lose') one.asker.store.loses = (['nothing', 'requests', 'answers'] as const)[choice % 3]!
      else if (what === 'crash' && crashes < 1) {
        crashes += 1
        world.crash(one, choice % 4)
      }
    }
    world.heal()
    takeOvers += world.revisions - 1
    const agreed = world.all.filter(({ isAlive, state: { tenure } }) => isAlive && tenure?.isAgreed)
    expect(agreed.map(({ asker }) => asker.id)).toEqual([world.conductor.asker.id])
    for (const { asker } of world.all) assert(asker.damaged.length === 0, 'nobody writes what is no record')
  },
)

it('in which somebody took over, in many of them', () => expect(takeOvers).toBeGreaterThan(30))
