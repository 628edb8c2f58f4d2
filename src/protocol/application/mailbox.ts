/**
 * Messages that have arrived and wait to be consumed, in the order in which they came; those of one channel always
 * by ascending sequence number. Plain data: a map keeps the order of its insertions.
 */
import { assert, type Rank } from '../../base/index.ts'

/** A message that has arrived and was not consumed: still in transit. Only synchronous checkpoints hold such. */
export interface Arrived {
  readonly from: Rank
  readonly sequence: number
  readonly interval: number
  readonly tag: string
  readonly payload: Uint8Array
}

/** What a program asks to receive; null stands for any. */
export interface ReceivePattern {
  readonly from: Rank | null
  readonly tag: string | null
}

export interface Mailbox {
  /**
   * In pieces, so that a search for the first one does not walk over all that were taken before. No piece is empty, so
   * a short mailbox has one or none.
   */
  messages: Map<string, Arrived>[]
  /** How many there are by source and tag: most often this tells at once that none fits. */
  readonly counts: Map<Rank, Map<string, number>>
  /** Highest sequence number that has come from each source since the last recovery. */
  readonly highest: Map<Rank, number>
}

const pieceMax = 256

export function emptyMailbox(): Mailbox {
  return { messages: [], counts: new Map(), highest: new Map() }
}

/** All messages, in the order in which they are offered. */
export function* messagesIn({ messages }: Mailbox): Generator<Arrived> {
  for (const piece of messages) yield* piece.values()
}

/** How many there are. */
export function countMessages({ messages }: Mailbox): number {
  let count = 0
  for (const piece of messages) count += piece.size
  return count
}

const keyOf = ({ from, sequence }: Pick<Arrived, 'from' | 'sequence'>): string => `${from}/${sequence}`

/** Puts a message in; one that lies there already changes nothing. */
export function putInMailbox(mailbox: Mailbox, message: Arrived): void {
  const { highest } = mailbox
  const last = highest.get(message.from) ?? -1
  if (message.sequence > last) {
    highest.set(message.from, message.sequence)
    append(mailbox, message)
    return
  }
  if (isInMailbox(mailbox, message.from, message.sequence)) return
  // Overtaken on its own channel: those that follow it in the channel go behind it.
  const behind = [...messagesIn(mailbox)].filter(
    ({ from, sequence }) => from === message.from && sequence > message.sequence,
  )
  for (const other of behind) takeFromMailbox(mailbox, other)
  for (const one of [message, ...behind]) append(mailbox, one)
}

/** Whether a message lies there. */
export function isInMailbox({ messages, highest }: Mailbox, from: Rank, sequence: number): boolean {
  if (sequence > (highest.get(from) ?? -1)) return false
  return messages.some((piece) => piece.has(keyOf({ from, sequence })))
}

function append(mailbox: Mailbox, message: Arrived): void {
  const last = mailbox.messages.at(-1)
  if (last && last.size < pieceMax) last.set(keyOf(message), message)
  else mailbox.messages.push(new Map([[keyOf(message), message]]))
  count(mailbox, message, 1)
}

/** Takes out a message that is there. */
export function takeFromMailbox(mailbox: Mailbox, message: Arrived): void {
  const index = mailbox.messages.findIndex((piece) => piece.delete(keyOf(message)))
  assert(index >= 0, 'only what has arrived is taken')
  if (mailbox.messages[index]!.size === 0) mailbox.messages.splice(index, 1)
  count(mailbox, message, -1)
}

function count({ counts }: Mailbox, { from, tag }: Arrived, change: 1 | -1): void {
  const tags = counts.get(from) ?? new Map<string, number>()
  counts.set(from, tags)
  const total = (tags.get(tag) ?? 0) + change
  if (total > 0) tags.set(tag, total)
  else tags.delete(tag)
  if (tags.size === 0) counts.delete(from)
}

/** Whether any message that is there fits. */
function hasAny({ counts }: Mailbox, { from, tag }: ReceivePattern): boolean {
  const isIn = (tags: ReadonlyMap<string, number> | undefined): boolean =>
    tags !== undefined && (tag === null || tags.has(tag))
  return from === null ? [...counts.values()].some(isIn) : isIn(counts.get(from))
}

/** One message for each pattern, the earliest that fits, or null while any is missing. */
export function matchMailbox(mailbox: Mailbox, patterns: readonly ReceivePattern[]): Arrived[] | null {
  if (!patterns.every((pattern) => hasAny(mailbox, pattern))) return null
  const taken: Arrived[] = []
  for (const { from, tag } of patterns) {
    let found: Arrived | null = null
    for (const message of messagesIn(mailbox)) {
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
