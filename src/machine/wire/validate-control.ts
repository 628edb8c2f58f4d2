/**
 * Whether what came on a control link is a message of it. Each field of each message is looked at; a message that is
 * added does not compile until it has its line here.
 */
import { coordinations, frameProblem, isProcessorPlace, type Rest } from '../../protocol/index.ts'
import type { StoreFolder } from '../checkpoint-store.ts'
import type { Configuration, FromProcessor, InputHead, Member, ToProcessor, TraceLine } from './control.ts'
import { inputKinds } from './input-kinds.ts'

/** Why the value is not what it should be, in a few words; null if it is. */
type Check = (value: unknown) => string | null
type Checks<Fields> = { readonly [Key in keyof Fields]-?: Check }
type MessageChecks<Message extends { readonly type: string }> = {
  readonly [Type in Message['type']]: Checks<Omit<Extract<Message, { type: Type }>, 'type'>>
}

const when =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? null : `is not ${what}`

const isCountValue = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const count = when('a whole number', isCountValue)
const number = when('a number', (value) => typeof value === 'number' && Number.isFinite(value))
/** What a program says of its progress may be no figure. */
const anyNumber = when('a number', (value) => typeof value === 'number')
const text = when('a text', (value) => typeof value === 'string')
const flag = when('true or false', (value) => typeof value === 'boolean')
const bytes = when('bytes', (value) => value instanceof Uint8Array)
const place = when('the place of a processor', isProcessorPlace)
const anyPlace = when('a place', (value) => isProcessorPlace(value) || value === 'conductor' || value === 'spare')
const record = when('an object', isRecord)
const eventOrEffect = when('event or effect', (value) => value === 'event' || value === 'effect')
const coordination = when('a coordination', (value) => coordinations.some((one) => one === value))
const inputKind = when('a kind of typed array', (value) => inputKinds.some((one) => one === value))

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value)

const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'is not a list'
    for (const one of value as unknown[]) {
      const problem = check(one)
      if (problem !== null) return `holds something that ${problem}`
    }
    return null
  }

const objectOf =
  <Fields>(checks: Checks<Fields>): Check =>
  (value) =>
    isRecord(value) ? fieldProblem(value, checks) : 'is not an object'

const configuration = objectOf<Configuration>({
  moduleUrl: text,
  processes: count,
  sizes: record,
  protection: orNull(record),
  coordination,
  tracker: text,
  timeoutMs: orNull(number),
  bufferBytes: number,
  storeFolder: orNull(objectOf<StoreFolder>({ path: text, run: text })),
  traced: flag,
})
const input = objectOf<InputHead>({ kind: inputKind, byteLength: count })
const member = objectOf<Member>({ place, processor: count })
const pattern = objectOf<Rest['waitsFor'][number]>({ from: orNull(count), tag: orNull(text) })
const rest = objectOf<Rest>({
  epoch: count,
  steps: count,
  resting: flag,
  waitsFor: listOf(pattern),
  sent: count,
  arrived: count,
})
const traceLine = objectOf<TraceLine>({ atMs: number, epoch: count, place: anyPlace, kind: eventOrEffect, text })

const orders: MessageChecks<ToProcessor> = {
  configure: { configuration },
  standBy: {},
  assign: { place, epoch: count, input: orNull(input) },
  inputPart: { offset: count, bytes },
  members: { members: listOf(member), pids: listOf(count) },
  frame: { epoch: count, frame: frameProblem },
  askRest: { question: count },
  flushTrace: {},
  fenced: {},
}

const news: MessageChecks<FromProcessor> = {
  ready: {},
  frame: { epoch: count, from: place, frame: frameProblem },
  captured: {
    ...{ checkpoint: count, atMs: number, blockedMs: orNull(number) },
    ...{ loggedMessages: count, loggedBytes: count, heldBytes: count },
  },
  thawed: { checkpoint: count, frozenMs: number, drainMs: number },
  holding: { bytes: count },
  shipped: { deltaBytes: count },
  committed: { checkpoint: count, latencyMs: orNull(number) },
  written: { bytes: count, beganMs: number, endedMs: number },
  computing: { epoch: count, atMs: number },
  progress: { done: anyNumber, total: anyNumber },
  rest: { question: count, rest },
  trace: { lines: listOf(traceLine) },
  flushed: {},
  unreachable: { processor: count, detail: text },
  rejected: { processor: orNull(count), detail: text },
  unfit: { reason: text },
  defect: { reason: text },
}

/** Why `message` is none of the launcher's to a processor, in a few words that name it; null if it is one. */
export function orderProblem(message: unknown): string | null {
  return messageProblem(message, orders)
}

/** Why `message` is none of a processor's to the launcher, in a few words that name it; null if it is one. */
export function newsProblem(message: unknown): string | null {
  return messageProblem(message, news)
}

function messageProblem(
  message: unknown,
  all: Readonly<Record<string, Readonly<Record<string, Check>>>>,
): string | null {
  if (!isRecord(message)) return 'something that is no message'
  const { type } = message
  if (typeof type !== 'string' || !Object.hasOwn(all, type)) return 'a message of a type that there is not'
  const problem = fieldProblem(message, all[type]!)
  return problem === null ? null : `a message of type ${type}: ${problem}`
}

function fieldProblem(
  value: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
): string | null {
  for (const name of Object.keys(checks)) {
    const problem = checks[name]!(value[name])
    if (problem !== null) return `its ${name} ${problem}`
  }
  return null
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
