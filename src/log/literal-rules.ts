/**
 * The tables exactly as the paper's section III.A prints their rules. They lose and double messages (traps 1 to 5
 * and 11, see docs/correctness.md); the simulator offers them so that anyone can watch them fail. Nothing else uses them.
 */
import type { LogRules } from './rules.ts'
import { channelFrom, channelTo, indexOfSequence, type SentEntry } from './tables.ts'

const allDestinations = -1

export const literalLogRules: LogRules = {
  // "The process sequentially numbers the sent messages": one counter, whatever the destination.
  send(log, { to, interval, tag, payload }) {
    const sequence = log.nextSequence.get(allDestinations) ?? 0
    log.nextSequence.set(allDestinations, sequence + 1)
    const entry: SentEntry = { to, sequence, interval, tag, payload, status: 0, consumedIn: null }
    channelTo(log, to).push(entry)
    return entry
  },

  acknowledge(log, { to, sequence }) {
    const entry = channelTo(log, to).find((one) => one.sequence === sequence)
    if (entry?.status !== 0) return null
    entry.status = 1
    return entry
  },

  // "Whenever a process receives any message it checks for its presence in the receipt table."
  wasConsumed(log, from, sequence) {
    return indexOfSequence(log.received.get(from)?.receipts ?? [], sequence) >= 0
  },

  consume(log, from, sequence) {
    const { receipts } = channelFrom(log, from)
    receipts.push({ sequence, status: 1 })
    receipts.sort((left, right) => left.sequence - right.sequence)
  },

  // "The entries in the receipt table and sent table with ack. 2 are removed"; those with 1 become 2; 0 stays 0.
  capture(log) {
    for (const [to, entries] of log.sent) {
      const kept = entries.filter((entry) => entry.status !== 2)
      for (const entry of kept) if (entry.status === 1) entry.status = 2
      log.sent.set(to, kept)
    }
    for (const received of log.received.values()) {
      received.receipts = received.receipts.filter((receipt) => receipt.status !== 2)
      for (const receipt of received.receipts) receipt.status = 2
    }
  },

  rollBack() {},

  // "All processes will resend the messages in the sent table with ack. 2."
  replay(log) {
    return [...log.sent.values()].flatMap((entries) => entries.filter((entry) => entry.status === 2))
  },
}
