/**
 * Whether what came off a link is an envelope, and what came off the control link a frame: the state machines take
 * nothing else. Each field of each frame is looked at; a frame that is added does not compile until it has its line here.
 */
import type { Frame, Rebuild } from './frames.ts'

type Check = (value: unknown) => boolean
type Frames = { readonly [Type in Frame['type']]: Extract<Frame, { type: Type }> }
type FieldChecks<Type extends Frame['type']> = { readonly [Key in Exclude<keyof Frames[Type], 'type'>]-?: Check }

/** No memory has more pages: 64 GiB of them. */
const pageNumberMax = 2 ** 24

const isCount: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isBytes: Check = (value) => value instanceof Uint8Array
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)

/** Checksums are 8 bytes for each group of pages. */
const isChecksums: Check = (value) => value instanceof Uint8Array && value.byteLength % 8 === 0
const isRankChecksums: Check = (value) => isRecord(value) && isCount(value.rank) && isChecksums(value.sums)

/** Pages of one size, by ascending numbers. */
function isBatch(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { numbers, bytes } = value
  if (!Array.isArray(numbers) || !(bytes instanceof Uint8Array)) return false
  let before = -1
  for (const number of numbers as unknown[]) {
    if (!isCount(number) || (number as number) <= before || (number as number) >= pageNumberMax) return false
    before = number as number
  }
  return numbers.length === 0 ? bytes.length === 0 : bytes.length > 0 && bytes.length % numbers.length === 0
}

const [letterA, letterC, digit0, digit9] = [97, 99, 48, 57]
const placeLengthMax = 6

/** The place of a processor, not of the conductor: a letter and digits. By hand, since it comes twice with each frame. */
export function isProcessorPlace(value: unknown): boolean {
  if (typeof value !== 'string' || value.length < 2 || value.length > placeLengthMax) return false
  const letter = value.charCodeAt(0)
  if (letter < letterA || letter > letterC) return false
  for (let index = 1; index < value.length; index += 1) {
    const digit = value.charCodeAt(index)
    if (digit < digit0 || digit > digit9) return false
  }
  return value.length === 2 || value.charCodeAt(1) !== digit0
}

const isRebuild: Check = (value) => {
  if (!isRecord(value)) return false
  const { target, sources } = value as { readonly [Key in keyof Rebuild]?: unknown }
  return isProcessorPlace(target) && Array.isArray(sources) && sources.every(isSource)
}
const isSource: Check = (value) => isRecord(value) && isProcessorPlace(value.place) && isByte(value.coefficient)
const isByte: Check = (value) => isCount(value) && (value as number) < 256
const isCountOrNull: Check = (value) => value === null || isCount(value)
const isTextOrNull: Check = (value) => value === null || isText(value)
const isStoredFile: Check = (value) =>
  isRecord(value) && isCount(value.bytes) && isCount(value.checksum) && isFlag(value.isFull)
const isOutputKind: Check = (value) => value === 'emit' || value === 'done'

const fields: { readonly [Type in Frame['type']]: FieldChecks<Type> } = {
  message: { sequence: isCount, interval: isCount, tag: isText, payload: isBytes },
  ack: { sequence: isCount, interval: isCount },
  pressed: {},
  stuck: {},
  marker: { checkpoint: isCount, messages: isCount },
  captured: { checkpoint: isCount },
  request: { checkpoint: isCount, urgent: isFlag },
  grant: { checkpoint: isCount },
  delta: { checkpoint: isCount, part: isCount, batch: isBatch },
  deltaEnd: { checkpoint: isCount, parts: isCount, checksums: isChecksums },
  merged: { checkpoint: isCount, part: isCount, batch: isBatch },
  mergedEnd: { checkpoint: isCount, parts: isCount, checksums: isListOf(isRankChecksums) },
  held: { checkpoint: isCount },
  hurry: { checkpoint: isCount },
  commit: { checkpoint: isCount },
  store: { checkpoint: isCount, sequence: isCount, since: isCountOrNull },
  stored: { sequence: isCount, committed: isCount, released: isCount, isFinished: isFlag, file: isStoredFile },
  notStored: { sequence: isCount, committed: isCount, reason: isTextOrNull },
  output: { index: isCount, kind: isOutputKind, payload: isBytes },
  outputAck: { index: isCount },
  failure: { step: isCount, site: isText, error: isText },
  recover: { rollback: isFlag },
  report: { checkpoints: isListOf(isCount) },
  plan: { line: isCount, rebuild: isListOf(isRebuild), disk: isCountOrNull },
  image: { target: isProcessorPlace, part: isCount, batch: isBatch },
  imageEnd: { target: isProcessorPlace, parts: isCount, checksums: isListOf(isRankChecksums) },
  restored: {},
  damaged: { reason: isText },
  resume: {},
}

type FieldList = readonly (readonly [name: string, check: Check])[]
const fieldLists = new Map<unknown, FieldList>(
  Object.entries(fields).map(([type, checks]) => [type, Object.entries(checks) as FieldList]),
)

function isMessage({ sequence, interval, tag, payload }: Readonly<Record<string, unknown>>): boolean {
  return isCount(sequence) && isCount(interval) && typeof tag === 'string' && payload instanceof Uint8Array
}

/** Why `message` is no envelope between two processors, in a few words that name the frame; null if it is one. */
export function envelopeProblem(message: unknown): string | null {
  if (!isRecord(message)) return `${nameOf(message)} is no envelope`
  const { epoch, from, to, frame } = message
  if (!isCount(epoch)) return `an envelope has ${nameOf(epoch)} for its epoch`
  if (!isProcessorPlace(from)) return `an envelope has ${nameOf(from)} for its sender`
  if (!isProcessorPlace(to)) return `an envelope has ${nameOf(to)} for its receiver`
  return frameProblem(frame)
}

/** Why `frame` is none, in a few words that name it; null if it is one. */
export function frameProblem(frame: unknown): string | null {
  if (!isRecord(frame)) return `${nameOf(frame)} is no frame`
  // By far the most frames; this is the same as below, without a look-up.
  if (frame.type === 'message' && isMessage(frame)) return null
  const list = fieldLists.get(frame.type)
  if (list === undefined) return `there is no frame of type ${nameOf(frame.type)}`
  for (const [name, check] of list) {
    if (!check(frame[name])) return `a frame of type ${nameOf(frame.type)} has ${nameOf(frame[name])} for its ${name}`
  }
  return null
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const textLengthMax = 40

/** A value in a few words, for one line. */
function nameOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (typeof value === 'string') return `'${value.slice(0, textLengthMax).replaceAll(/[^\x20-\x7e]/g, '?')}'`
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (Array.isArray(value)) return `a list of ${value.length}`
  return 'an object'
}
