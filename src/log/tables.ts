import type { Rank } from '../base/index.ts'

/** 0: sent; 1: acknowledged; 2: archived, belongs to the previous interval (the paper, section III.A). */
export type AckStatus = 0 | 1 | 2

/** A row of the sent table. The payload is never changed once it is here. */
export interface SentEntry {
  readonly to: Rank
  readonly sequence: number
  /** The sender's interval when it was sent. */
  readonly interval: number
  readonly tag: string
  readonly payload: Uint8Array
  status: AckStatus
  /** The receiver's interval in which it was consumed, as far as an ack has told; else null. */
  consumedIn: number | null
}

/** A row of the receipt table. */
export interface Receipt {
  readonly sequence: number
  status: 1 | 2
}

/** What was consumed of one channel. */
export interface ChannelReceipts {
  /** Everything below this sequence number was consumed (trap 3). */
  watermark: number
  /** What was consumed out of order, above the watermark, by ascending sequence number. */
  receipts: Receipt[]
}

/** Both tables of one process. It lies in the checkpointed memory and so goes back with it. */
export interface MessageLog {
  /** Next sequence number of each channel; the literal rules use one counter for all, under the key -1. */
  readonly nextSequence: Map<Rank, number>
  /** Sent table by destination, each by ascending sequence number. */
  readonly sent: Map<Rank, SentEntry[]>
  /** Receipt table by source. */
  readonly received: Map<Rank, ChannelReceipts>
}

export function emptyLog(): MessageLog {
  return { nextSequence: new Map(), sent: new Map(), received: new Map() }
}

/** The rows of the sent table for one destination; made when there are none. */
export function channelTo(log: MessageLog, to: Rank): SentEntry[] {
  const entries = log.sent.get(to) ?? []
  log.sent.set(to, entries)
  return entries
}

/** The receipt table's part for one source; made when there is none. */
export function channelFrom(log: MessageLog, from: Rank): ChannelReceipts {
  const received = log.received.get(from) ?? { watermark: 0, receipts: [] }
  log.received.set(from, received)
  return received
}

/** Index of the entry with this sequence number, or -1. The entries ascend, so the search halves. */
export function indexOfSequence(entries: readonly { readonly sequence: number }[], sequence: number): number {
  let low = 0
  let high = entries.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = entries[middle]!.sequence
    if (found === sequence) return middle
    if (found < sequence) low = middle + 1
    else high = middle - 1
  }
  return -1
}
