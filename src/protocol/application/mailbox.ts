/**
 * Messages that have arrived and wait to be consumed, in the order in which they came; those of one channel always
 * by ascending sequence number. Plain data: a map keeps the order of its insertions.
 */
import type { Rank } from '../../base/index.ts'

/** A message that has arrived and was not consumed: still in transit, so no part of any checkpoint. */
export interface Arrived {
  readonly from: Rank
  readonly sequence: number
  readonly interval: number
  readonly tag: string
  readonly payload: Uint8Array
}

/** What a program asks to receive; null stands for any. */
export interface Pattern {
  readonly from: Rank | null
  readonly tag: string | null
}

export interface Mailbox {
  readonly messages: Map<string, Arrived>
  /** Highest sequence number that has come from each source since the last recovery. */
  readonly highest: Map<Rank, number>
}

export function emptyMailbox(): Mailbox {
  return { messages: new Map(), highest: new Map() }
}

const keyOf = ({ from, sequence }: Arrived): string => `${from}/${sequence}`

/** Puts a message in; one that lies there already changes nothing. */
export function putInMailbox(mailbox: Mailbox, message: Arrived): void {
  const { messages, highest } = mailbox
  if (messages.has(keyOf(message))) return
  messages.set(keyOf(message), message)
  const last = highest.get(message.from) ?? -1
  if (message.sequence > last) {
    highest.set(message.from, message.sequence)
    return
  }
  // Overtaken on its own channel: those that follow it in the channel go behind it.
  for (const other of [...messages.values()]) {
    if (other.from !== message.from || other.sequence <= message.sequence) continue
    messages.delete(keyOf(other))
    messages.set(keyOf(other), other)
  }
}

export function takeFromMailbox(mailbox: Mailbox, message: Arrived): void {
  mailbox.messages.delete(keyOf(message))
}

/** One message for each pattern, the earliest that fits, or null while any is missing. */
export function matchMailbox(mailbox: Mailbox, patterns: readonly Pattern[]): Arrived[] | null {
  const taken: Arrived[] = []
  for (const { from, tag } of patterns) {
    let found: Arrived | null = null
    for (const message of mailbox.messages.values()) {
      const fits = (from === null || from === message.from) && (tag === null || tag === message.tag)
      if (!fits || taken.includes(message)) continue
      found = message
      break
    }
    if (!found) return null
    taken.push(found)
  }
  return taken
}
