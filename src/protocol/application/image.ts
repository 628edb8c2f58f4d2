/**
 * A process's state as named blobs for the checkpointed memory, and back. One blob holds the tables as JSON. A long
 * payload is a blob of its own, so that an entry that stays in the log keeps its place and costs no delta; the short
 * ones share a blob, since each blob takes whole pages.
 */
import type { Rank } from '../../base/index.ts'
import { freshProcess, type ProcessState } from './state.ts'
import { readStoredProcess, type StoredEntry, type StoredProcess } from './stored-process.ts'

const stateKey = 'state'
const varsKey = 'vars'
const sharedKey = 'shared'
const sentKey = (to: Rank, sequence: number): string => `sent/${to}/${sequence}`
const outputKey = (index: number): string => `output/${index}`
const nothing = new Uint8Array(0)

/** Payloads shorter than this share a blob. */
const ownBlobBytesMin = 2048

/** Blobs by name. An empty payload has none. */
export function encodeProcess(process: ProcessState): Map<string, Uint8Array> {
  const { log } = process
  const blobs = new Map<string, Uint8Array>()
  const put = (key: string, bytes: Uint8Array | null): void => {
    if (bytes && bytes.byteLength > 0) blobs.set(key, bytes)
  }
  const shared = new SharedWriter()
  const keep = <Row extends object>(row: Row, key: string, payload: Uint8Array): Row & { shared?: number } => {
    if (payload.byteLength < ownBlobBytesMin) return { ...row, shared: shared.add(payload) }
    put(key, payload)
    return row
  }
  const sent: StoredEntry[] = []
  for (const entries of log.sent.values()) {
    for (const { payload, ...row } of entries) sent.push(keep(row, sentKey(row.to, row.sequence), payload))
  }
  const stored: StoredProcess = {
    steps: process.steps,
    waiting: process.waiting,
    nextSequence: [...log.nextSequence],
    sent,
    received: [...log.received],
    outputs: process.outputs.map(({ payload, ...row }) => keep(row, outputKey(row.index), payload)),
    nextOutput: process.nextOutput,
  }
  blobs.set(stateKey, asciiBytes(JSON.stringify(stored)))
  put(varsKey, process.vars)
  put(sharedKey, shared.bytes())
  return blobs
}

/** The state that `blobs` hold; without any (checkpoint 0) that of a fresh process. Throws if they are damaged. */
export function decodeProcess(blobs: ReadonlyMap<string, Uint8Array>): ProcessState {
  const process = freshProcess()
  const bytes = blobs.get(stateKey)
  if (!bytes) return process
  const stored = readStoredProcess(asciiText(bytes))
  process.steps = stored.steps
  process.waiting = stored.waiting
  process.nextOutput = stored.nextOutput
  process.vars = blobs.get(varsKey) ?? null
  for (const [to, next] of stored.nextSequence) process.log.nextSequence.set(to, next)
  for (const [from, received] of stored.received) process.log.received.set(from, received)
  const shared = blobs.get(sharedKey) ?? nothing
  let at = 0
  const payloadOf = (length: number | undefined, key: string): Uint8Array => {
    if (length === undefined) return blobs.get(key) ?? nothing
    at += length
    if (at > shared.length) throw new Error("the process's short payloads in its checkpoint are cut off")
    // With bytes of its own: as a view it would keep all the others in memory.
    return shared.slice(at - length, at)
  }
  for (const { shared: length, ...row } of stored.sent) {
    const entries = process.log.sent.get(row.to) ?? []
    process.log.sent.set(row.to, entries)
    entries.push({ ...row, payload: payloadOf(length, sentKey(row.to, row.sequence)) })
  }
  process.outputs = stored.outputs.map(({ shared: length, ...row }) => ({
    ...row,
    payload: payloadOf(length, outputKey(row.index)),
  }))
  return process
}

/** Puts short payloads one behind the other. */
class SharedWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  /** Returns the length of the payload. */
  add(payload: Uint8Array): number {
    this.#parts.push(payload)
    this.#length += payload.byteLength
    return payload.byteLength
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      bytes.set(part, at)
      at += part.byteLength
    }
    return bytes
  }
}

/** JSON as bytes; anything beyond ASCII is escaped, so one character is one byte. */
function asciiBytes(json: string): Uint8Array {
  const ascii = json.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const bytes = new Uint8Array(ascii.length)
  for (let index = 0; index < ascii.length; index += 1) bytes[index] = ascii.charCodeAt(index)
  return bytes
}

function asciiText(bytes: Uint8Array): string {
  let text = ''
  const stride = 8192
  for (let at = 0; at < bytes.length; at += stride) {
    // Not spread: that would go through an iterator, byte by byte.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + stride) as unknown as number[])
  }
  return text
}
