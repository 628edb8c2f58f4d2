/**
 * Whether what came off a link is an envelope, and what came off the control link is a frame: the state machines take
 * nothing else. Every field is looked at; a frame that is added does not compile until it has its line here.
 */
import {
  bytes,
  type Check,
  count,
  flag,
  isCount,
  isRecord,
  listOf,
  objectOf,
  oneOf,
  orMissing,
  orNull,
  problemWith,
  text,
  type VariantChecks,
  variantOf,
  when,
} from '../base/index.ts'
import {
  type Envelope,
  type Frame,
  outputKinds,
  type RankChecksums,
  type Rebuild,
  type Source,
  type StoredFile,
} from './frames.ts'

/** No memory has more pages: 64 GiB of them. */
const pageNumberMax = 2 ** 24

/** What is there only where it is true. */
const set = when('true', (value) => value === true)

const byte = when('a whole number below 256', (value) => isCount(value) && value < 256)

/** Checksums are 8 bytes for each group of pages. */
const checksums = when('checksums', (value) => value instanceof Uint8Array && value.byteLength % 8 === 0)

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

export const processorPlace = when('the place of a processor', isProcessorPlace)

const source = objectOf<Source>({ place: processorPlace, coefficient: byte })
const rebuild = objectOf<Rebuild>({ target: processorPlace, sources: listOf(source) })
export const storedFile = objectOf<StoredFile>({ bytes: count, checksum: count, isFull: flag })

/** Checks of the parts of frames that are bytes. */
export interface ByteChecks {
  readonly payload: Check
  readonly batch: Check
  readonly checksums: Check
  readonly rankChecksums: Check
}

/** The checks of all frames; the argument says what stands in place of bytes. */
export function frameChecks({ payload, batch, checksums, rankChecksums }: ByteChecks): VariantChecks<Frame> {
  const [checkpoint, part, parts, sequence, index] = [count, count, count, count, count]
  return {
    message: { sequence, interval: count, tag: text, payload },
    ack: { sequence, interval: count },
    pressed: {},
    stuck: {},
    marker: { checkpoint, messages: count },
    captured: { checkpoint },
    request: { checkpoint, urgent: flag },
    grant: { checkpoint },
    delta: { checkpoint, part, batch },
    deltaEnd: { checkpoint, parts, checksums },
    merged: { checkpoint, part, batch },
    mergedEnd: { checkpoint, parts, checksums: rankChecksums },
    held: { checkpoint },
    begun: { checkpoint },
    hurry: { checkpoint },
    commit: { checkpoint },
    store: { checkpoint, sequence, since: orNull(count) },
    stored: { sequence, committed: count, released: count, isFinished: flag, file: storedFile },
    notStored: { sequence, committed: count, reason: orNull(text) },
    output: { index, kind: oneOf(outputKinds), payload },
    outputAck: { index },
    failure: { step: count, site: text, error: text },
    recover: { rollback: flag, takeOver: orMissing(set) },
    report: { checkpoints: listOf(count), stopped: orMissing(set) },
    plan: { line: count, rebuild: listOf(rebuild), disk: orNull(count) },
    image: { target: processorPlace, part, batch },
    imageEnd: { target: processorPlace, parts, checksums: rankChecksums },
    restored: {},
    damaged: { reason: text },
    resume: {},
  }
}

const otherFrame = variantOf(
  frameChecks({
    ...{ payload: bytes, batch: when('pages', isBatch), checksums },
    rankChecksums: listOf(objectOf<RankChecksums>({ rank: count, sums: checksums })),
  }),
)

/** By far the most frames are messages: `otherFrame` says the same of them, with a look-up. */
export const frame: Check = (value) => (isMessage(value) ? null : otherFrame(value))

function isMessage(value: unknown): boolean {
  if (!isRecord(value) || value.type !== 'message') return false
  const { sequence, interval, tag, payload } = value
  return isCount(sequence) && isCount(interval) && typeof tag === 'string' && payload instanceof Uint8Array
}

const envelope = objectOf<Envelope>({ epoch: count, from: processorPlace, to: processorPlace, frame })

/** Why `message` is no envelope between two processors, in a few words that name the frame; null if it is one. */
export function envelopeProblem(message: unknown): string | null {
  return isEnvelope(message) ? null : problemWith('an envelope', message, envelope)
}

/** The same answer as `envelope`, in half the time: this is asked of each frame that arrives. */
function isEnvelope(value: unknown): boolean {
  if (!isRecord(value) || !isCount(value.epoch)) return false
  return isProcessorPlace(value.from) && isProcessorPlace(value.to) && frame(value.frame) === null
}
