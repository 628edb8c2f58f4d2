/**
 * Whether what came on a control link is a message of it. Each field of each message is looked at; a message that is
 * added does not compile until it has its line here.
 */
import {
  bytes,
  type Check,
  type ChecksOf,
  count,
  flag,
  listOf,
  number,
  object,
  objectOf,
  oneOf,
  orNull,
  problemWith,
  text,
  variantOf,
} from '../../base/index.ts'
import { frame, processorPlace as place, type Rest, recordedEffect, recordedEvent } from '../../protocol/index.ts'
import type { StoreFolder } from '../checkpoint-store.ts'
import { machineSettings } from '../settings.ts'
import type {
  Configuration,
  FromProcessor,
  HostConfiguration,
  InputHead,
  Member,
  PortRange,
  ToProcessor,
  TraceLine,
} from './control.ts'
import { inputKinds } from './input-kinds.ts'

/** What a processor has to know of the run, but for what is its host's own. */
export const configurationChecks: ChecksOf<Omit<Configuration, 'moduleUrl' | 'host'>> = {
  machine: machineSettings,
  sizes: object,
  storeFolder: orNull(objectOf<StoreFolder>({ path: text, run: text })),
  traced: flag,
}
const host = objectOf<HostConfiguration>({
  ...{ name: text, address: text },
  ports: orNull(objectOf<PortRange>({ first: count, last: count })),
})
const configuration = objectOf<Configuration>({ moduleUrl: text, host: orNull(host), ...configurationChecks })
const input = objectOf<InputHead>({ kind: oneOf(inputKinds), byteLength: count })
const member = objectOf<Member>({ place, processor: count, host: orNull(text), address: orNull(text) })
const pattern = objectOf<Rest['waitsFor'][number]>({ from: orNull(count), tag: orNull(text) })
const rest = objectOf<Rest>({
  epoch: count,
  steps: count,
  resting: flag,
  waitsFor: listOf(pattern),
  sent: count,
  arrived: count,
})
/** `whose`: the place that it has to be of. */
export function traceLineCheck(whose: Check): Check {
  const seen = { atMs: number, place: whose, epoch: count, text }
  return variantOf<TraceLine, 'kind'>(
    { event: { ...seen, what: recordedEvent }, effect: { ...seen, what: recordedEffect } },
    'kind',
  )
}

const orders = variantOf<ToProcessor>({
  configure: { configuration },
  standBy: {},
  assign: { place, epoch: count, input: orNull(input), inspected: flag },
  inputPart: { offset: count, bytes },
  members: { members: listOf(member), pids: listOf(count) },
  frame: { epoch: count, frame },
  expect: { pages: listOf(count) },
  askRest: { question: count },
  ask: {},
  flushTrace: {},
  fenced: {},
})

const news = variantOf<FromProcessor>({
  ready: { address: orNull(text) },
  frame: { epoch: count, from: place, frame },
  captured: {
    ...{ checkpoint: count, atMs: number, blockedMs: orNull(number), cpuMs: number },
    ...{ loggedMessages: count, loggedBytes: count, heldBytes: count },
  },
  thawed: { checkpoint: count, frozenMs: number, drainMs: number, cpuMs: number },
  holding: { bytes: count },
  inUse: { pages: listOf(count) },
  shipped: { deltaBytes: count },
  committed: { checkpoint: count, latencyMs: orNull(number) },
  written: { bytes: count, beganMs: number, endedMs: number },
  computing: { epoch: count, atMs: number },
  progress: { done: number, total: number },
  held: { bytes: count },
  alone: { silentMs: number },
  rest: { question: count, rest, stepMs: orNull(number) },
  trace: { lines: listOf(traceLineCheck(place)) },
  flushed: {},
  unreachable: { processor: count, detail: text },
  reachable: { processor: count },
  answer: {},
  rejected: { processor: orNull(count), detail: text },
  unfit: { reason: text },
  refused: { reason: text },
  defect: { reason: text },
})

/** Why `message` is none of the launcher's to a processor, in a few words that name it; null if it is one. */
export function orderProblem(message: unknown): string | null {
  return problemWith('a message', message, orders)
}

/** Why `message` is none of a processor's to the launcher, in a few words that name it; null if it is one. */
export function newsProblem(message: unknown): string | null {
  return problemWith('a message', message, news)
}
