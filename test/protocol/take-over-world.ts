/**
 * A machine small enough to try everything: two candidates, the store of the record, one process with its checkpoint and
 * backup processor, a spare, and somebody who fetches what is released. What is in flight is delivered in the order in
 * which it was sent, but for a few links that stand still from any moment on, until nothing else is in flight; candidates
 * end between any two effects, are suspected wrongly, and hear nothing of a proposal's answer.
 */
import { processorId } from '../../src/base/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  createCandidate,
  stepCandidate,
} from '../../src/protocol/index.ts'
import { obey, type Wrong } from './take-over-processors.ts'
import {
  type Budget,
  checkAgreed,
  copyOf,
  crash,
  freshProcessor,
  type InFlight,
  loseProcessor,
  type Message,
  type Order,
  options,
  plain,
  post,
  processors,
  recordIn,
  send,
  show,
  type TakeOverState,
} from './take-over-state.ts'

/** Stands around a candidate's step, to break it. */
export type Mutation = (
  step: (event: CandidateEvent) => CandidateEffect[],
  state: CandidateState,
  event: CandidateEvent,
) => readonly CandidateEffect[]

export interface TakeOverWorld extends Wrong {
  readonly mutation?: Mutation
  readonly budget: Budget
}

export function firstState(world: TakeOverWorld): TakeOverState {
  const state: TakeOverState = {
    candidates: [createCandidate({ ...options, id: 1 }), createCandidate({ ...options, id: 2 })],
    holders: [new Map(), new Map()],
    store: { version: 0, nonce: '', record: null, challenger: null },
    processors: Array.from({ length: processors }, (_, index) => freshProcessor(index + 1)),
    queue: [],
    held: [],
    shown: [],
    hasComputed: false,
    outcome: null,
    violation: null,
    left: { ...world.budget },
  }
  const tell = (candidate: number, event: CandidateEvent): void => handle(world, state, candidate, event)
  tell(1, { type: 'appointed', replicas: [2] })
  tell(2, { type: 'candidateFound', candidate: 1 })
  for (const { id } of state.processors)
    for (const one of [1, 2]) tell(one, { type: 'ready', processor: processorId(id), host: null })
  return state
}

/** All that can happen next. Delivering what was sent first costs nothing. */
export function successors(world: TakeOverWorld, state: TakeOverState): { move: string; after: TakeOverState }[] {
  const found: { move: string; after: TakeOverState }[] = []
  const add = (move: string, change: (after: TakeOverState) => void): void => {
    const after = copyOf(state)
    change(after)
    found.push({ move, after })
  }
  if (state.outcome !== null) return found
  addDeliveries(world, state, add)
  const { left, store } = state
  const conductor = store.record?.conductor ?? 1
  // Time passes when nothing moves.
  const mayPass = state.queue.every((one) => isHeld(state, one))
  for (const one of [1, 2]) {
    if (state.candidates[one - 1] === null) continue
    if (left.crashes > 0 && store.record !== null) {
      add(`candidate ${one} is lost`, (after) => {
        after.left.crashes -= 1
        crash(after, one)
      })
    }
    const isHeard = state.candidates[conductor - 1] !== null
    if (
      one !== conductor &&
      store.record !== null &&
      store.challenger === null &&
      (isHeard ? left.suspicions > 0 : mayPass)
    ) {
      add(`candidate ${one} does not hear the conductor`, (after) => {
        if (isHeard) after.left.suspicions -= 1
        handle(world, after, one, { type: 'conductorUnheard' })
      })
    }
    if (store.challenger === one && mayPass) {
      add(`nobody answers candidate ${one}`, (after) => {
        after.store.challenger = null
        handle(world, after, one, { type: 'unanswered', found: recordIn(after) })
      })
    }
    const proposal = state.candidates[one - 1]?.tenure?.proposal
    if (proposal && left.lapses > 0) {
      add(`candidate ${one} gets no answer`, (after) => {
        after.left.lapses -= 1
        after.queue = after.queue.filter(({ from, to }) => !(from === 'store' && to === `c${one}`))
        handle(world, after, one, { type: 'unknown', nonce: proposal.nonce })
      })
    }
  }
  if (left.losses > 0 && state.hasComputed) {
    for (const { id, alive, place } of state.processors) {
      if (!alive || place === null) continue
      add(`${place} is lost`, (after) => {
        after.left.losses -= 1
        loseProcessor(after, id)
      })
    }
  }
  return found
}

function addDeliveries(
  world: TakeOverWorld,
  state: TakeOverState,
  add: (move: string, change: (after: TakeOverState) => void) => void,
): void {
  const index = state.queue.findIndex((one) => !isHeld(state, one))
  const { left, held } = state
  if (held.length > 0 && index < 0) {
    add('what stood still goes on', (after) => {
      after.held = []
    })
  }
  if (index < 0) return
  const { from, to, message } = state.queue[index]!
  const name = `${from} -> ${to}: ${describe(message)}`
  if (left.delays > 0) {
    add(`${from} -> ${to} stands still`, (after) => {
      after.left.delays -= 1
      after.held.push(linkOf(state.queue[index]!))
    })
  }
  add(name, (after) => {
    after.queue.splice(index, 1)
    arrive(world, after, from, to, message)
  })
  if (!to.startsWith('c') || message.type !== 'event' || left.crashes === 0 || state.store.record === null) return
  const effects = countEffects(world, state, Number(to[1]), message.event)
  for (let count = 1; count < effects; count += 1) {
    add(`${name}, and ends after ${count} effects`, (after) => {
      after.queue.splice(index, 1)
      after.left.crashes -= 1
      handle(world, after, Number(to[1]), message.event, count)
      crash(after, Number(to[1]))
    })
  }
}

const linkOf = ({ from, to }: InFlight): string => `${from} ${to}`

const isHeld = ({ held }: TakeOverState, one: InFlight): boolean => held.includes(linkOf(one))

const describe = (message: Message): string =>
  message.type === 'event'
    ? JSON.stringify(message.event, plain)
    : message.type === 'order'
      ? JSON.stringify(message.order, plain)
      : message.type

function countEffects(world: TakeOverWorld, state: TakeOverState, candidate: number, event: CandidateEvent): number {
  const one = copyOf(state.candidates[candidate - 1]!)
  return one === null ? 0 : stepOf(world, one, event).length
}

function stepOf({ mutation }: TakeOverWorld, one: CandidateState, event: CandidateEvent): readonly CandidateEffect[] {
  return mutation ? mutation((next) => stepCandidate(one, next), one, event) : stepCandidate(one, event)
}

function arrive(world: TakeOverWorld, state: TakeOverState, from: string, to: string, message: Message): void {
  if (to === 'store') atStore(state, Number(from[1]), message)
  else if (to.startsWith('c')) {
    if (message.type === 'event') handle(world, state, Number(to[1]), message.event)
  } else if (message.type === 'order')
    obey(world, state, state.processors[Number(to.slice(1)) - 1]!, Number(from[1]), message.order)
}

function atStore(state: TakeOverState, candidate: number, message: Message): void {
  const { store } = state
  if (message.type === 'challenge') {
    store.challenger = candidate
    post(state, 'store', `c${store.record!.conductor}`, { type: 'challenged' })
  } else if (message.type === 'answer') {
    if (store.record?.conductor === candidate) store.challenger = null
  } else if (message.type === 'propose') {
    const { nonce, version, record } = message
    if (version !== store.version) {
      post(state, 'store', `c${candidate}`, { type: 'refused', nonce, found: recordIn(state) })
      return
    }
    if (record.outcome === null && store.record?.outcome) state.violation = 'OUTCOME FORGOTTEN'
    Object.assign(store, { version: version + 1, nonce, record })
    post(state, 'store', `c${candidate}`, { type: 'agreed', nonce, version: version + 1 })
    for (const one of [1, 2]) {
      if (one !== candidate) post(state, 'store', `c${one}`, { type: 'recordChanged', found: recordIn(state) })
    }
  }
}

function handle(
  world: TakeOverWorld,
  state: TakeOverState,
  candidate: number,
  event: CandidateEvent,
  most = Number.POSITIVE_INFINITY,
): void {
  const one = state.candidates[candidate - 1]
  if (!one) return
  const effects = stepOf(world, one, event)
  for (const effect of effects.slice(0, most)) carryOut(state, candidate, effect)
}

function carryOut(state: TakeOverState, candidate: number, effect: CandidateEffect): void {
  const me = `c${candidate}`
  const holders = state.holders[candidate - 1]!
  const order = (id: number, one: Order): void => {
    checkAgreed(state, one.epoch)
    send(state, me, `p${id}`, { type: 'order', order: one })
  }
  switch (effect.type) {
    case 'send': {
      const holder = holders.get(effect.to)
      if (holder !== undefined) order(holder, { type: 'frame', epoch: effect.epoch, frame: effect.frame })
      return
    }
    case 'assign':
      holders.set(effect.place, effect.processor)
      order(effect.processor, { type: 'assigned', epoch: effect.epoch, place: effect.place })
      return
    case 'introduce': {
      holders.clear()
      for (const [place, holder] of effect.members) if (holder !== null) holders.set(place, holder)
      for (const [place, holder] of holders) if (!state.processors[holder - 1]!.alive) holders.delete(place)
      for (const { id } of state.processors)
        order(id, { type: 'introduced', epoch: effect.epoch, members: [...holders] })
      return
    }
    case 'fence':
      order(effect.processor, { type: 'fenced', epoch: state.candidates[candidate - 1]!.tenure!.core.epoch })
      return
    case 'recoveryBegan':
      for (const place of effect.lost) holders.delete(place)
      return
    case 'release':
      show(state, effect.number, effect.entry)
      return
    case 'propose':
      send(state, me, 'store', effect)
      return
    case 'challenge':
      send(state, me, 'store', { type: 'challenge' })
      return
    case 'answerChallenge':
      send(state, me, 'store', { type: 'answer' })
      return
    case 'tellCandidate':
      post(state, me, `c${effect.to}`, { type: 'fromCandidate', from: candidate, message: effect.message })
      return
    case 'resigned':
      for (const one of [1, 2]) if (one !== candidate) post(state, me, `c${one}`, { type: 'candidateFound', candidate })
      return
    case 'finished':
    case 'uncovered':
    case 'programFailed':
    case 'repeatedLoss':
    case 'damaged':
      if (state.store.record?.outcome?.type !== effect.type) state.violation = 'TOLD BEFORE AGREED: the outcome'
      state.outcome = effect.type
      if (effect.type !== 'finished') state.violation ??= `LOST: ${effect.type}`
      else if (state.shown.length !== 1) state.violation ??= `LOST: ${state.shown.length} outputs are shown`
      return
    default:
  }
}

/** Nothing is in flight, nobody is challenged, and the run is not over. */
export function isStuck(world: TakeOverWorld, state: TakeOverState): boolean {
  const { record } = state.store
  const mayConduct = record ? [record.conductor, ...record.replicas] : []
  if (state.outcome !== null || mayConduct.every((one) => state.candidates[one - 1] === null)) return false
  return state.queue.length === 0 && successors(world, state).length === 0
}
