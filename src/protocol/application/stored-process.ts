/** The tables of a process as they lie in a checkpoint, as JSON; read back only when every field is what it should be. */
import type { Rank } from '../../base/index.ts'
import type { Receipt } from '../../log/index.ts'
import type { OutputKind } from '../frames.ts'
import type { Waiting } from './state.ts'

export interface StoredEntry {
  to: Rank
  sequence: number
  interval: number
  tag: string
  status: 0 | 1 | 2
  consumedIn: number | null
  /** Length of a payload that lies in the shared blob; those follow each other in the order of the rows. */
  shared?: number
}

export interface StoredOutput {
  index: number
  kind: OutputKind
  interval: number
  shared?: number
}

/** A message that has arrived and was not consumed. */
export interface StoredMessage {
  from: Rank
  sequence: number
  interval: number
  tag: string
  shared?: number
}

export interface StoredProcess {
  steps: number
  waiting: Waiting
  nextSequence: [Rank, number][]
  sent: StoredEntry[]
  received: [Rank, { watermark: number; receipts: Receipt[] }][]
  outputs: StoredOutput[]
  nextOutput: number
}

/** Throws an error that names the first field that is wrong. */
export function readStoredProcess(json: string): StoredProcess {
  const value = parse(json)
  if (!isRecord(value)) return damaged('it is no object')
  const wrong = Object.entries(checks).find(([name, check]) => !check(value[name]))
  return wrong ? damaged(`its ${wrong[0]} cannot be read`) : (value as unknown as StoredProcess)
}

/** Throws an error if any message is none. */
export function readStoredMailbox(json: string): StoredMessage[] {
  const value = parse(json)
  return isList(isMessage)(value) ? (value as StoredMessage[]) : damaged('its mailbox cannot be read')
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return damaged('it is no JSON')
  }
}

function damaged(problem: string): never {
  throw new Error(`the process's tables in its checkpoint are damaged: ${problem}`)
}

type Check = (value: unknown) => boolean

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
/** The literal rules use one counter for all channels, under -1. */
const isChannel: Check = (value) => isCount(value) || value === -1
const isOptionalCount: Check = (value) => value === undefined || isCount(value)
const isOneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value)
const isList =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const isPair =
  (first: Check, second: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1])

const isPattern: Check = (value) =>
  isRecord(value) &&
  (value.from === null || isCount(value.from)) &&
  (value.tag === null || typeof value.tag === 'string')

const isWaiting: Check = (value) => {
  if (!isRecord(value)) return false
  if (value.kind === 'receive') return isList(isPattern)(value.patterns)
  return isOneOf('start', 'continue', 'finished')(value.kind)
}

const isEntry: Check = (value) =>
  isRecord(value) &&
  [value.to, value.sequence, value.interval].every(isCount) &&
  typeof value.tag === 'string' &&
  isOneOf(0, 1, 2)(value.status) &&
  (value.consumedIn === null || isCount(value.consumedIn)) &&
  isOptionalCount(value.shared)

const isMessage: Check = (value) =>
  isRecord(value) &&
  [value.from, value.sequence, value.interval].every(isCount) &&
  typeof value.tag === 'string' &&
  isOptionalCount(value.shared)

const isReceipt: Check = (value) => isRecord(value) && isCount(value.sequence) && isOneOf(1, 2)(value.status)

const isReceived: Check = (value) => isRecord(value) && isCount(value.watermark) && isList(isReceipt)(value.receipts)

const isOutput: Check = (value) =>
  isRecord(value) &&
  isCount(value.index) &&
  isCount(value.interval) &&
  isOneOf('emit', 'done')(value.kind) &&
  isOptionalCount(value.shared)

const checks: { readonly [Key in keyof StoredProcess]: Check } = {
  steps: isCount,
  waiting: isWaiting,
  nextSequence: isList(isPair(isChannel, isCount)),
  sent: isList(isEntry),
  received: isList(isPair(isCount, isReceived)),
  outputs: isList(isOutput),
  nextOutput: isCount,
}
