/**
 * A process's state as named blobs for the checkpointed memory, and back. One blob holds the tables. A long
 * payload is a blob of its own, so that an entry that stays in the log keeps its place and costs no delta; the short
 * ones share a blob, since each blob takes whole pages.
 */
import type { Rank } from '../../base/index.ts'
import { channelTo } from '../../log/index.ts'
import { readStoredProcess, type StoredEntry, writeStoredProcess } from './process-tables.ts'
import { ownBlobBytesMin, SharedReader, SharedWriter } from './short-payloads.ts'
import { freshProcess, type ProcessState } from './state.ts'

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
  const short = new SharedWriter()
  /** The length of a short payload; null for a long one. */
  const keep = (payload: Uint8Array, keyOf: () => string): number | null => {
    if (payload.byteLength < ownBlobBytesMin) return short.add(payload)
    put(keyOf(), payload)
    return null
  }
  const sent: StoredEntry[] = []
  for (const entries of log.sent.values()) {
    for (const entry of entries) {
      const { to, sequence, interval, tag, status, consumedIn } = entry
      const shared = keep(entry.payload, () => sentKey(to, sequence))
      sent.push({ to, sequence, interval, tag, status, consumedIn, shared })
    }
  }
  const outputs = process.outputs.map(({ index, kind, interval, payload }) => {
    return { index, kind, interval, shared: keep(payload, () => outputKey(index)) }
  })
  const { steps, waiting, nextOutput } = process
  const { nextSequence, received } = log
  const tables = { steps, waiting, nextSequence: [...nextSequence], sent, received: [...received], outputs, nextOutput }
  blobs.set(stateKey, writeStoredProcess(tables))
  put(varsKey, process.vars)
  put(sharedKey, short.bytes())
  return blobs
}

/** The state that `blobs` hold; without any (checkpoint 0) that of a fresh process. Throws if they are damaged. */
export function decodeProcess(blobs: ReadonlyMap<string, Uint8Array>): ProcessState {
  const process = freshProcess()
  const bytes = blobs.get(stateKey)
  if (!bytes) return process
  const stored = readStoredProcess(bytes)
  process.steps = stored.steps
  process.waiting = stored.waiting
  process.nextOutput = stored.nextOutput
  process.vars = blobs.get(varsKey) ?? null
  for (const [to, next] of stored.nextSequence) process.log.nextSequence.set(to, next)
  for (const [from, received] of stored.received) process.log.received.set(from, received)
  const short = new SharedReader(blobs.get(sharedKey) ?? nothing)
  const payloadOf = (length: number | null, keyOf: () => string): Uint8Array =>
    length === null ? (blobs.get(keyOf()) ?? nothing) : short.take(length)
  for (const { to, sequence, interval, tag, status, consumedIn, shared } of stored.sent) {
    const payload = payloadOf(shared, () => sentKey(to, sequence))
    channelTo(process.log, to).push({ to, sequence, interval, tag, payload, status, consumedIn })
  }
  process.outputs = stored.outputs.map(({ index, kind, interval, shared }) => {
    return { index, kind, interval, payload: payloadOf(shared, () => outputKey(index)) }
  })
  return process
}
