/**
 * The rules that neither lose nor double a message: what counts is when it is consumed.
 *
 * L1: checkpoint c of a sender holds every message sent before it that is not known to be consumed in an interval
 *     below c, and no other; those are the ones that cross the recovery line c.
 * L2: channels have sequence numbers of their own, so the order of a replay across channels does not matter.
 * L3: a receiver forgets no receipt by age: a watermark per channel, and single receipts only above it.
 * L4: a recovery to c forgets every acknowledgement of a consumption in interval c or later: it was undone.
 */
import { assert } from '../base/index.ts'
import type { LogRules } from './rules.ts'
import { channelFrom, channelTo, indexOfSequence, type MessageLog, type SentEntry } from './tables.ts'

export const defaultLogRules: LogRules = {
  send(log, { to, interval, tag, payload }) {
    const sequence = log.nextSequence.get(to) ?? 0
    log.nextSequence.set(to, sequence + 1)
    const entry: SentEntry = { to, sequence, interval, tag, payload, status: 0, consumedIn: null }
    channelTo(log, to).push(entry)
    return entry
  },

  acknowledge(log, { to, sequence, consumedIn, captured }) {
    const entries = log.sent.get(to)
    const index = entries ? indexOfSequence(entries, sequence) : -1
    if (!entries || index < 0) return null
    const entry = entries[index]!
    // The first ack counts. Later ones answer a repetition and may name a later interval than the true one.
    const isFirst = entry.consumedIn === null
    if (isFirst) entry.consumedIn = consumedIn
    if (entry.status === 0) entry.status = 1
    // The next capture, captured + 1, would drop it (L1): then its payload need not be kept until there either.
    if (entry.consumedIn! <= captured) drop(entries, index, captured + 1)
    return isFirst ? entry : null
  },

  wasConsumed(log, from, sequence) {
    const received = log.received.get(from)
    if (!received) return false
    return sequence < received.watermark || indexOfSequence(received.receipts, sequence) >= 0
  },

  consume(log, from, sequence) {
    const received = channelFrom(log, from)
    assert(!this.wasConsumed(log, from, sequence), 'L3: a message is consumed once')
    const { receipts } = received
    let place = receipts.length
    while (place > 0 && receipts[place - 1]!.sequence > sequence) place -= 1
    receipts.splice(place, 0, { sequence, status: 1 })
    let contiguous = 0
    while (receipts[contiguous]?.sequence === received.watermark + contiguous) contiguous += 1
    receipts.splice(0, contiguous)
    received.watermark += contiguous
  },

  capture(log, checkpoint) {
    for (const [to, entries] of log.sent) {
      const kept = entries.filter((entry) => isHeldBy(checkpoint, entry))
      for (const entry of kept) entry.status = 2
      if (kept.length > 0) log.sent.set(to, kept)
      else log.sent.delete(to)
    }
    for (const received of log.received.values()) for (const receipt of received.receipts) receipt.status = 2
  },

  rollBack(log, checkpoint) {
    for (const entries of log.sent.values()) {
      for (const entry of entries) {
        if (entry.consumedIn !== null && entry.consumedIn >= checkpoint) entry.consumedIn = null
      }
    }
  },

  replay(log) {
    return unconsumed(log)
  },
}

/** L1: whether checkpoint `checkpoint`, which is to come, must hold the entry. */
function isHeldBy(checkpoint: number, { consumedIn }: SentEntry): boolean {
  return consumedIn === null || consumedIn >= checkpoint
}

/** Dropping an entry moves all that follow; where they are more than this, it waits for as many others before it. */
const movedMax = 1024

/** Drops the entry at `index`, which checkpoint `checkpoint` need not hold, now or together with others. */
function drop(entries: SentEntry[], index: number, checkpoint: number): void {
  if (entries.length - index <= movedMax) {
    entries.splice(index, 1)
    return
  }
  if ((index + 1) % movedMax > 0) return
  const dropped = entries.findIndex((entry) => isHeldBy(checkpoint, entry))
  entries.splice(0, dropped < 0 ? entries.length : dropped)
}

function unconsumed(log: MessageLog): SentEntry[] {
  return [...log.sent.values()].flatMap((entries) => entries.filter((entry) => entry.consumedIn === null))
}
