/** What the small machine of the take-over tests is made of, and what goes wrong in it. */
import { processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import type {
  CandidateEvent,
  CandidateState,
  ConductorRecord,
  Frame,
  Place,
  Released,
  StoredRecord,
} from '../../src/protocol/index.ts'

export const code = Object.freeze(reedSolomonCode(1, 1))
export const options = { processes: 1, code, unfetchedBytesMax: Number.POSITIVE_INFINITY }
export const processors = 4

export type Order =
  | { type: 'introduced'; epoch: number; members: [Place, number][] }
  | { type: 'assigned'; epoch: number; place: Place }
  | { type: 'fenced'; epoch: number }
  | { type: 'frame'; epoch: number; frame: Frame }

export type Message =
  | { type: 'order'; order: Order }
  | { type: 'event'; event: CandidateEvent }
  | { type: 'propose'; nonce: string; version: number; record: ConductorRecord }
  | { type: 'challenge' }
  | { type: 'answer' }

/** `c1`, `c2`: candidates; `p1` …: processors; `store`. */
export interface InFlight {
  from: string
  to: string
  message: Message
}

export interface Processor {
  id: number
  place: Place | null
  epoch: number
  follows: number
  alive: boolean
  /** It has its memory. */
  holds: boolean
  runs: boolean
  isStopped: boolean
  /** The recovery under way takes everybody back. */
  goesBack: boolean
  isAcknowledged: boolean
}

export interface TakeOverState {
  candidates: (CandidateState | null)[]
  /** Who holds what, as each candidate has told. */
  holders: Map<Place, number>[]
  store: StoredRecord & { challenger: number | null }
  processors: Processor[]
  queue: InFlight[]
  /** Links that stand still. */
  held: string[]
  shown: Released[]
  hasComputed: boolean
  outcome: string | null
  violation: string | null
  left: Budget
}

export interface Budget {
  delays: number
  crashes: number
  suspicions: number
  lapses: number
  losses: number
}

export const freshProcessor = (id: number): Processor => ({
  ...{ id, place: null, epoch: 0, follows: 1, alive: true },
  ...{ holds: false, runs: false, isStopped: false, goesBack: true, isAcknowledged: false },
})

export function recordIn({ store: { version, nonce, record } }: TakeOverState): StoredRecord {
  return { version, nonce, record }
}

export function post(state: TakeOverState, from: string, to: string, event: CandidateEvent): void {
  send(state, from, to, { type: 'event', event })
}

export function send(state: TakeOverState, from: string, to: string, message: Message): void {
  if (to.startsWith('c') && state.candidates[Number(to[1]) - 1] === null) return
  state.queue.push({ from, to, message: copyOf(message) })
}

export function crash(state: TakeOverState, candidate: number): void {
  state.candidates[candidate - 1] = null
  state.queue = state.queue.filter(({ to }) => to !== `c${candidate}`)
  for (const one of [1, 2]) {
    if (one !== candidate) post(state, `c${candidate}`, `c${one}`, { type: 'candidateLost', candidate })
  }
}

export function loseProcessor(state: TakeOverState, id: number): void {
  state.processors[id - 1]!.alive = false
  state.queue = state.queue.filter(({ to }) => to !== `p${id}`)
  for (const one of [1, 2]) post(state, `p${id}`, `c${one}`, { type: 'lost', processor: processorId(id) })
  const next = freshProcessor(state.processors.length + 1)
  state.processors.push(next)
  for (const one of [1, 2])
    post(state, `p${next.id}`, `c${one}`, { type: 'ready', processor: processorId(next.id), host: null })
}

/** C2. */
export function checkAgreed(state: TakeOverState, epoch: number): void {
  if ((state.store.record?.epoch ?? 0) < epoch) state.violation ??= `TOLD BEFORE AGREED: epoch ${epoch}`
}

export function show(state: TakeOverState, number: number, entry: Released): void {
  if (number <= state.shown.length) return
  if (number > state.shown.length + 1) state.violation ??= 'LOST: an entry of the release log'
  const isDouble = state.shown.some(
    (one) => one.type === 'output' && entry.type === 'output' && one.index === entry.index,
  )
  if (isDouble) state.violation ??= 'DUPLICATE'
  state.shown.push(entry)
}

export function keyOf(state: TakeOverState): string {
  return JSON.stringify(state, plain)
}

export function plain(key: string, value: unknown): unknown {
  if (key === 'options') return undefined
  if (value instanceof Map) return [...value]
  if (value instanceof Set) return [...value].sort()
  return value instanceof Uint8Array ? value.length : value
}

export function copyOf<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array || Object.isFrozen(data)) return data
  if (Array.isArray(data)) return data.map(copyOf) as Data
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, copyOf(value)])) as Data
  if (data instanceof Set) return new Set(data) as Data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, copyOf(value)])) as Data
}
