/**
 * A machine on three hosts that is small enough to try everything: one process, its checkpoint and backup processor, spares,
 * the real conductor, and whoever keeps the crew. What processors say in a recovery comes one after the other, and so does that
 * they are ready; hosts are lost, come back, fall silent and are heard again at any moment in between.
 */
import { type ProcessorId, processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import { arrangeSpares } from '../../src/placement/index.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  type ConductorState,
  covers,
  createConductor,
  type Frame,
  type Place,
  stepConductor,
} from '../../src/protocol/index.ts'
import { copyOf, plain } from './take-over-state.ts'

const code = Object.freeze(reedSolomonCode(1, 1))
const options = Object.freeze({ processes: 1, code, arrange: arrangeSpares })
const hosts = ['h1', 'h2', 'h3'] as const
type HostName = (typeof hosts)[number]

type Said = { type: 'ready' } | { type: 'frame'; epoch: number; from: Place; frame: Frame }

interface HostedProcessor {
  id: ProcessorId
  host: HostName
  alive: boolean
  place: Place | null
  hasMemory: boolean
  /** To the conductor, in order. */
  saying: Said[]
  /** Came while its host stood still. */
  unread: { to: Place; epoch: number; frame: Frame }[]
}

type HostState = 'up' | 'lost' | 'told' | 'still' | 'silent'

export interface HostsState {
  conductor: ConductorState
  processors: HostedProcessor[]
  hosts: Record<HostName, HostState>
  losses: number
  silences: number
  violation: string | null
}

/** What is broken. */
export interface BrokenHosts {
  readonly step?: (state: ConductorState, event: ConductorEvent) => ConductorEffect[]
  /** The crew counts processors that were replaced as there. */
  readonly countsReplaced?: boolean
}

export interface HostMove {
  readonly name: string
  play(state: HostsState): void
}

export function firstHosts(broken: BrokenHosts, budget: { losses: number; silences: number }): HostsState {
  const state: HostsState = {
    conductor: createConductor(options),
    processors: [],
    hosts: { h1: 'up', h2: 'up', h3: 'up' },
    ...budget,
    violation: null,
  }
  fill(state, broken)
  return state
}

/** All that can happen next. */
export function hostMoves(state: HostsState, broken: BrokenHosts): HostMove[] {
  const moves: HostMove[] = []
  const add = (name: string, play: (state: HostsState) => void): void => {
    moves.push({ name, play })
  }
  const heard = state.processors.filter(
    ({ saying, alive, host }) => alive && state.hosts[host] === 'up' && saying.length > 0,
  )
  // What two members say in a recovery may change places, and so may two that are ready.
  for (const type of ['frame', 'ready'] as const) {
    const first = heard.find(({ saying }) => saying[0]!.type === type)
    if (first) add(`p${first.id} says`, (now) => hear(now, now.processors[first.id - 1]!, broken))
  }
  for (const host of hosts) addHostMoves(state, host, add, broken)
  return moves
}

function addHostMoves(
  state: HostsState,
  host: HostName,
  add: (name: string, play: (state: HostsState) => void) => void,
  broken: BrokenHosts,
): void {
  const isAnotherUp = hosts.some((one) => one !== host && state.hosts[one] === 'up')
  switch (state.hosts[host]) {
    case 'up':
      if (state.losses > 0 && isAnotherUp) add(`${host} lost`, (now) => lose(now, host))
      if (state.silences > 0 && isAnotherUp) {
        add(`${host} stands still`, (now) => {
          now.silences -= 1
          now.hosts[host] = 'still'
        })
      }
      return
    case 'lost':
      add(`${host} told lost`, (now) => {
        now.hosts[host] = 'told'
        const losses = idsOn(now, host, false).map((processor) => ({ processor }))
        tell(now, { type: 'lostTogether', losses }, broken)
      })
      return
    case 'told':
      add(`${host} returns`, (now) => {
        now.hosts[host] = 'up'
        fill(now, broken)
      })
      return
    case 'still':
      add(`${host} told silent`, (now) => {
        now.hosts[host] = 'silent'
        const losses = idsOn(now, host, true).map((processor) => ({ processor }))
        tell(now, { type: 'silentTogether', losses }, broken)
      })
      return
    case 'silent':
      add(`${host} heard`, (now) => {
        now.hosts[host] = 'up'
        const processors = idsOn(now, host, true)
        tell(now, { type: 'heardTogether', processors }, broken)
        for (const one of now.processors.filter(({ id }) => processors.includes(id))) readOn(one)
      })
  }
}

/** Nothing can happen any more, or the run is over: what is wrong with that. */
export function endOfHosts({ conductor, processors, violation }: HostsState): string | null {
  if (violation) return violation
  if (conductor.phase === 'ended') return covers(code, conductor.missing) ? 'ended, though all is covered' : null
  if (conductor.phase !== 'running') return `hangs: ${conductor.phase}, vacant: ${conductor.vacant.join(' ')}`
  for (const [place, holder] of conductor.members) {
    const processor = holder === null ? null : processors[holder - 1]!
    if (!processor?.alive || processor.place !== place || !processor.hasMemory) return `${place} is not whole`
  }
  return null
}

export function keyOfHosts(state: HostsState): string {
  return JSON.stringify(state, plain)
}

export function copyOfHosts(state: HostsState): HostsState {
  return copyOf(state)
}

/** Those that were ready, and have ended or not. */
function idsOn({ processors }: HostsState, host: HostName, alive: boolean): ProcessorId[] {
  const wereReady = processors.filter(({ saying }) => saying[0]?.type !== 'ready')
  return wereReady.filter((one) => one.host === host && one.alive === alive).map(({ id }) => id)
}

function lose(state: HostsState, host: HostName): void {
  state.losses -= 1
  state.hosts[host] = 'lost'
  // Of those that ended before nobody speaks any more.
  state.processors = state.processors.map((one) =>
    one.host === host && one.alive ? { ...one, alive: false, saying: [], unread: [] } : one,
  )
}

function hear(state: HostsState, processor: HostedProcessor, broken: BrokenHosts): void {
  const said = processor.saying.shift()!
  const { id, host } = processor
  if (said.type === 'ready') tell(state, { type: 'ready', processor: id, host }, broken)
  else tell(state, { ...said, processor: id }, broken)
}

function tell(state: HostsState, event: ConductorEvent, broken: BrokenHosts): void {
  const before = state.conductor.epoch
  const effects = (broken.step ?? stepConductor)(state.conductor, event)
  const isJoint = event.type === 'lostTogether' || event.type === 'silentTogether' || event.type === 'heardTogether'
  if (isJoint && state.conductor.epoch > before + 1) state.violation ??= 'several recoveries for one host'
  for (const effect of effects) obey(state, effect)
  fill(state, broken)
}

function obey(state: HostsState, effect: ConductorEffect): void {
  if (effect.type === 'fence') {
    const processor = state.processors[effect.processor - 1]!
    processor.alive = false
    processor.saying = []
  }
  if (effect.type === 'assign') {
    const processor = state.processors[effect.processor - 1]!
    if (!processor.alive && state.hosts[processor.host] === 'told')
      state.violation ??= 'a place is given to who is lost'
    processor.place = effect.place
  }
  if (effect.type !== 'send') return
  const holder = state.conductor.members.get(effect.to) ?? null
  const processor = holder === null ? null : state.processors[holder - 1]!
  if (!processor?.alive) return
  processor.unread.push({ to: effect.to, epoch: effect.epoch, frame: effect.frame })
  if (state.hosts[processor.host] === 'up') readOn(processor)
}

function readOn(processor: HostedProcessor): void {
  for (const { to, epoch, frame } of processor.unread.splice(0)) {
    if (frame.type === 'recover' && processor.hasMemory) {
      processor.saying.push({ type: 'frame', epoch, from: to, frame: { type: 'report', checkpoints: [0] } })
    }
    if (frame.type !== 'plan') continue
    processor.hasMemory = true
    processor.saying.push({ type: 'frame', epoch, from: to, frame: { type: 'restored' } })
  }
}

/** Whoever keeps the crew starts processors until there are as many as places. */
function fill(state: HostsState, { countsReplaced = false }: BrokenHosts): void {
  const { conductor, processors, hosts: states } = state
  if (conductor.phase === 'ended') return
  const known = new Set([...conductor.members.values(), ...conductor.spares, ...conductor.silent])
  const isPresent = ({ alive, host, id, saying }: HostedProcessor): boolean => {
    const isStarting = saying[0]?.type === 'ready'
    // Who starts on a host that is silent is given up; that a host is lost nobody knows before it is told.
    if (states[host] === 'lost') return true
    return alive && (countsReplaced || known.has(id) || (isStarting && states[host] !== 'silent'))
  }
  const wanted = conductor.members.size
  const usable = hosts.filter((host) => states[host] === 'up' || states[host] === 'still' || states[host] === 'lost')
  for (let present = processors.filter(isPresent).length; present < wanted && usable.length > 0; present += 1) {
    const load = (host: HostName): number => processors.filter((one) => one.host === host && isPresent(one)).length
    const host = usable.reduce((best, one) => (load(one) < load(best) ? one : best))
    const alive = states[host] !== 'lost'
    const saying: Said[] = alive ? [{ type: 'ready' }] : []
    processors.push({
      ...{ id: processorId(processors.length + 1), host, alive, place: null, hasMemory: false, saying, unread: [] },
    })
  }
}
