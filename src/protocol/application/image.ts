/**
 * A process's state as named blobs for the checkpointed memory, and back. One blob holds the tables as JSON; every
 * payload is a blob of its own, so that an entry that stays in the log keeps its place and costs no delta.
 */
import type { Rank } from '../../base/index.ts'
import type { Receipt } from '../../log/index.ts'
import type { OutputKind } from '../frames.ts'
import { freshProcess, type ProcessState, type Waiting } from './state.ts'

interface StoredEntry {
  to: Rank
  sequence: number
  interval: number
  tag: string
  status: 0 | 1 | 2
  consumedIn: number | null
}

interface StoredState {
  steps: number
  waiting: Waiting
  nextSequence: [Rank, number][]
  sent: StoredEntry[]
  received: [Rank, { watermark: number; receipts: Receipt[] }][]
  outputs: { index: number; kind: OutputKind; interval: number }[]
  nextOutput: number
}

const stateKey = 'state'
const varsKey = 'vars'
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
  const sent: StoredEntry[] = []
  for (const entries of log.sent.values()) {
    for (const { payload, ...row } of entries) {
      sent.push(row)
      put(sentKey(row.to, row.sequence), payload)
    }
  }
  const stored: StoredState = {
    steps: process.steps,
    waiting: process.waiting,
    nextSequence: [...log.nextSequence],
    sent,
    received: [...log.received],
    outputs: process.outputs.map(({ index, kind, interval }) => ({ index, kind, interval })),
    nextOutput: process.nextOutput,
  }
  blobs.set(stateKey, asciiBytes(JSON.stringify(stored)))
  put(varsKey, process.vars)
  for (const output of process.outputs) put(outputKey(output.index), output.payload)
  return blobs
}

/** The state that `blobs` hold; without any (checkpoint 0) that of a fresh process. */
export function decodeProcess(blobs: ReadonlyMap<string, Uint8Array>): ProcessState {
  const process = freshProcess()
  const bytes = blobs.get(stateKey)
  if (!bytes) return process
  const stored = JSON.parse(asciiText(bytes)) as StoredState
  process.steps = stored.steps
  process.waiting = stored.waiting
  process.nextOutput = stored.nextOutput
  process.vars = blobs.get(varsKey) ?? null
  for (const [to, next] of stored.nextSequence) process.log.nextSequence.set(to, next)
  for (const [from, received] of stored.received) process.log.received.set(from, received)
  for (const row of stored.sent) {
    const entries = process.log.sent.get(row.to) ?? []
    process.log.sent.set(row.to, entries)
    entries.push({ ...row, payload: blobs.get(sentKey(row.to, row.sequence)) ?? nothing })
  }
  process.outputs = stored.outputs.map((output) => ({
    ...output,
    payload: blobs.get(outputKey(output.index)) ?? nothing,
  }))
  return process
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
  for (let at = 0; at < bytes.length; at += stride) text += String.fromCharCode(...bytes.subarray(at, at + stride))
  return text
}
