/**
 * The messages that have arrived and were not consumed as named blobs, and back: only a synchronous checkpoint holds
 * them. They keep the order in which they came.
 */
import type { Rank } from '../../base/index.ts'
import { emptyMailbox, type Mailbox, messagesIn, putInMailbox } from './mailbox.ts'
import { readStoredMailbox, type StoredMessage, writeStoredMailbox } from './process-tables.ts'
import { ownBlobBytesMin, SharedReader, SharedWriter } from './short-payloads.ts'

const rowsKey = 'mailbox'
const sharedKey = 'mailbox/shared'
const payloadKey = (from: Rank, sequence: number): string => `mailbox/${from}/${sequence}`
const nothing = new Uint8Array(0)

/** Blobs by name; none for an empty mailbox. */
export function encodeMailbox(mailbox: Mailbox): Map<string, Uint8Array> {
  const blobs = new Map<string, Uint8Array>()
  if (mailbox.messages.length === 0) return blobs
  const shared = new SharedWriter()
  const rows: StoredMessage[] = []
  for (const { payload, ...row } of messagesIn(mailbox)) {
    if (payload.byteLength < ownBlobBytesMin) {
      rows.push({ ...row, shared: shared.add(payload) })
      continue
    }
    rows.push({ ...row, shared: null })
    blobs.set(payloadKey(row.from, row.sequence), payload)
  }
  blobs.set(rowsKey, writeStoredMailbox(rows))
  const sharedBytes = shared.bytes()
  if (sharedBytes.byteLength > 0) blobs.set(sharedKey, sharedBytes)
  return blobs
}

/** The mailbox that `blobs` hold; an empty one if they hold none. Throws if they are damaged. */
export function decodeMailbox(blobs: ReadonlyMap<string, Uint8Array>): Mailbox {
  const mailbox = emptyMailbox()
  const bytes = blobs.get(rowsKey)
  if (!bytes) return mailbox
  const shared = new SharedReader(blobs.get(sharedKey) ?? nothing)
  for (const { shared: length, ...row } of readStoredMailbox(bytes)) {
    const payload = length === null ? (blobs.get(payloadKey(row.from, row.sequence)) ?? nothing) : shared.take(length)
    putInMailbox(mailbox, { ...row, payload })
  }
  return mailbox
}
