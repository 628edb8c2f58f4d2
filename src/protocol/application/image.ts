/**
 * A process's state as named blobs for the checkpointed memory, and back. One blob holds the tables as JSON. A long
 * payload is a blob of its own, so that an entry that stays in the log keeps its place and costs no delta; the short
 * ones share a blob, since each blob takes whole pages.
 */
import type { Rank } from '../../base/index.ts'
import { asciiBytes, asciiText, ownBlobBytesMin, SharedReader, SharedWriter } from './image-bytes.ts'
import { freshProcess, type ProcessState } from './state.ts'
import { readStoredProcess, type StoredEntry, type StoredProcess } from './stored-process.ts'

const stateKey = 'state'
const varsKey = 'vars'
const sharedKey = 'shared'
const sentKey = (to: Rank, sequence: number): string => `sent/${to}/${sequence}`
const outputKey = (index: number): string => `output/${index}`
const nothing = new Uint8Array(0)

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
  const shared = new SharedReader(blobs.get(sharedKey) ?? nothing)
  const payloadOf = (length: number | undefined, key: string): Uint8Array =>
    length === undefined ? (blobs.get(key) ?? nothing) : shared.take(length)
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
