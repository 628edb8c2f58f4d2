/** Every state that a session comes to over a channel that does its worst, by breadth-first search. */
import * as session from '../../src/session/index.ts'

/** The rules under test: the production ones, or all of them but one. */
export type SessionRules = Pick<
  typeof session,
  'beginEpoch' | 'noteBroken' | 'noteHas' | 'noteOpened' | 'putFrame' | 'sendAgain' | 'takeFrame' | 'toSend'
>

/** A frame is known by its epoch and by how many were put in that epoch before it. */
interface Sent {
  readonly epoch: number
  readonly number: number
  readonly frame: string
}

interface Has {
  readonly epoch: number
  readonly received: number
}

/** One connection: both directions keep their order as long as it lasts. */
interface Connection {
  readonly frames: Sent[]
  readonly answers: Has[]
}

interface ModelState {
  readonly sender: session.SessionSender<string>
  readonly receiver: session.SessionReceiver
  /** What was put in each epoch, and what the receiver took, in order. */
  readonly put: string[]
  readonly taken: string[]
  /** A bag never loses what is in it: each frame can come at any time, never, or again and again. */
  readonly bag: Connection
  /** The last is the sender's; the receiver reads the one before until it has accepted a newer one. */
  readonly connections: Connection[]
  accepted: number
  cuts: number
}

export interface ModelOptions {
  /** bag: frames are lost, doubled and reordered; streams: connections keep the order, and are cut. */
  readonly channel: 'bag' | 'streams'
  readonly framesMax: number
  readonly epochsMax: number
  readonly cutsMax: number
  readonly rules?: Partial<SessionRules>
}

/** Explores all of it. Returns how many states there are, and what is wrong in the first that is, with the way there. */
export function exploreSession(options: ModelOptions): { states: number; problem: string | null } {
  const rules: SessionRules = { ...session, ...options.rules }
  const seen = new Map<string, { readonly before: string | null; readonly move: string }>()
  const first = freshState(options, rules)
  let frontier = [first]
  seen.set(JSON.stringify(first), { before: null, move: 'start' })
  while (frontier.length > 0) {
    const next: ModelState[] = []
    for (const state of frontier) {
      const key = JSON.stringify(state)
      const problem = problemOf(state) ?? liveness(state, options, rules)
      if (problem !== null) return { states: seen.size, problem: `${problem} after ${wayTo(seen, key)}` }
      for (const [move, make] of movesOf(state, options, rules)) {
        const after = structuredClone(state)
        make(after)
        const afterKey = JSON.stringify(after)
        if (seen.has(afterKey)) continue
        seen.set(afterKey, { before: key, move })
        next.push(after)
      }
    }
    frontier = next
  }
  return { states: seen.size, problem: null }
}

function freshState({ channel }: ModelOptions, rules: SessionRules): ModelState {
  const state: ModelState = {
    sender: session.createSender<string>(1),
    receiver: session.createReceiver(),
    put: [],
    taken: [],
    bag: { frames: [], answers: [] },
    connections: [],
    accepted: 0,
    cuts: 0,
  }
  if (channel === 'bag') rules.noteOpened(state.sender)
  return state
}

type ModelMove = readonly [string, (state: ModelState) => void]

function movesOf(state: ModelState, options: ModelOptions, rules: SessionRules): ModelMove[] {
  const { epoch } = state.sender
  const moves: ModelMove[] = []
  if (countOf(state.put, epoch) < options.framesMax) moves.push(['put', (after) => put(after, rules)])
  if (epoch < options.epochsMax) {
    moves.push(['epoch', ({ sender }) => void rules.beginEpoch(sender, epoch + 1)])
  }
  return [...moves, ...(options.channel === 'bag' ? bagMoves(state, rules) : streamMoves(state, options, rules))]
}

function bagMoves({ bag }: ModelState, rules: SessionRules): ModelMove[] {
  return [
    ['again', (after) => transmit(after, rules, true)],
    ['answer', (after) => addTo(after.bag.answers, hasOf(after))],
    ...bag.frames.map((frame): ModelMove => [`take ${frame.frame}`, (after) => take(after, frame, rules)]),
    ...bag.answers.map((has): ModelMove => [`has ${JSON.stringify(has)}`, (after) => hear(after, has, rules)]),
  ]
}

function streamMoves(state: ModelState, { cutsMax }: ModelOptions, rules: SessionRules): ModelMove[] {
  const { connections, accepted, sender, cuts } = state
  const moves: ModelMove[] = []
  const newest = connections.at(-1)
  if (sender.connection === 'none') {
    moves.push(['connect', (after) => connect(after, rules)])
  } else if (cuts < cutsMax) {
    moves.push(['cut', (after) => cut(after, rules)])
  }
  if (accepted < connections.length) moves.push(['accept', accept])
  const read = connections[accepted - 1]
  if (read?.frames[0])
    moves.push(['take', (after) => take(after, after.connections[accepted - 1]!.frames.shift()!, rules)])
  if (read?.frames[0]) moves.push(['receiver ends', (after) => void after.connections[accepted - 1]!.frames.splice(0)])
  if (read && read.answers.length === 0) {
    moves.push(['answer', (after) => void after.connections[accepted - 1]!.answers.push(hasOf(after))])
  }
  if (sender.connection !== 'none' && newest?.answers[0]) {
    moves.push(['has', (after) => hear(after, after.connections.at(-1)!.answers.shift()!, rules)])
  }
  return moves
}

function put(state: ModelState, rules: SessionRules): void {
  const { epoch } = state.sender
  const frame = `${epoch}.${countOf(state.put, epoch) + 1}`
  state.put.push(frame)
  rules.putFrame(state.sender, frame, 1)
  transmit(state, rules)
}

function transmit({ sender, bag, connections }: ModelState, rules: SessionRules, again = false): void {
  if (again) rules.sendAgain(sender)
  const frames = (connections.at(-1) ?? bag).frames
  for (const { number, frame } of rules.toSend(sender)) {
    const sent = { epoch: sender.epoch, number, frame }
    if (connections.length > 0) frames.push(sent)
    else addTo(frames, sent)
  }
}

function take(state: ModelState, { epoch, number, frame }: Sent, rules: SessionRules): void {
  if (rules.takeFrame(state.receiver, epoch, number) === 'next') state.taken.push(frame)
}

function hear(state: ModelState, { epoch, received }: Has, rules: SessionRules): void {
  if (rules.noteHas(state.sender, epoch, received) === null) state.taken.push('a refused answer')
  transmit(state, rules)
}

function connect(state: ModelState, rules: SessionRules): void {
  state.connections.push({ frames: [], answers: [] })
  rules.noteOpened(state.sender)
  transmit(state, rules)
}

function cut(state: ModelState, rules: SessionRules): void {
  rules.noteBroken(state.sender)
  state.cuts += 1
}

/** The receiver drops the connections before, and says what it has. */
function accept(state: ModelState): void {
  for (const older of state.connections.slice(0, -1)) older.frames.splice(0)
  state.accepted = state.connections.length
  state.connections.at(-1)!.answers.push(hasOf(state))
}

const hasOf = ({ receiver: { epoch, received } }: ModelState): Has => ({ epoch, received })

function addTo<One>(bag: One[], one: One): void {
  const text = JSON.stringify(one)
  if (!bag.some((other) => JSON.stringify(other) === text)) bag.push(one)
  bag.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

const countOf = (frames: readonly string[], epoch: number): number =>
  frames.filter((frame) => frame.startsWith(`${epoch}.`)).length

/** N1, N2 and N3, as what the receiver took says. */
function problemOf({ sender, receiver, put: all, taken }: ModelState): string | null {
  const epochs = [...new Set(taken.map((frame) => frame.split('.')[0]))]
  if (epochs.join() !== epochs.toSorted().join()) return `took ${taken}`
  for (const epoch of epochs) {
    const ofEpoch = taken.filter((frame) => frame.startsWith(`${epoch}.`))
    if (
      all
        .filter((frame) => frame.startsWith(`${epoch}.`))
        .slice(0, ofEpoch.length)
        .join() !== ofEpoch.join()
    )
      return `took ${taken}`
  }
  const received = receiver.epoch === sender.epoch ? receiver.received : 0
  if (sender.acknowledged > received) return `forgot ${sender.acknowledged} of ${received}`
  return sender.keptBytes === sender.kept.length ? null : 'counts wrong'
}

/** From here on nothing is lost any more: all that was put in the present epoch arrives, and nothing stays kept. */
function liveness(state: ModelState, { channel }: ModelOptions, rules: SessionRules): string | null {
  const calm = structuredClone(state)
  if (channel === 'streams') {
    if (calm.sender.connection !== 'none') rules.noteBroken(calm.sender)
    connect(calm, rules)
    accept(calm)
    const last = calm.connections.at(-1)!
    hear(calm, last.answers.shift()!, rules)
    while (last.frames.length > 0) take(calm, last.frames.shift()!, rules)
  } else {
    transmit(calm, rules, true)
    const fresh = calm.bag.frames.filter(({ epoch }) => epoch === calm.sender.epoch)
    for (const one of fresh) take(calm, one, rules)
  }
  hear(calm, hasOf(calm), rules)
  const { epoch } = calm.sender
  const wanted = countOf(calm.put, epoch)
  const isEmpty = calm.sender.kept.length === 0
  return countOf(calm.taken, epoch) === wanted && isEmpty
    ? (problemOf(calm) ?? null)
    : `never has ${wanted} of epoch ${epoch}`
}

function wayTo(
  seen: ReadonlyMap<string, { readonly before: string | null; readonly move: string }>,
  end: string,
): string {
  const moves: string[] = []
  for (let key: string | null = end; key !== null; key = seen.get(key)!.before) moves.unshift(seen.get(key)!.move)
  return moves.join(', ')
}
