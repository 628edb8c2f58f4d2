/** The paper's rules of the message log, each taken at its word by itself, and more ways to keep the tables wrongly. */
import { channelFrom, channelTo, type LogRules, logRules, type MessageLog } from '../../log/index.ts'
import type { Canary } from './canary.ts'

const rules = logRules('default')
const literal = logRules('literal')

const withLog = (changed: Partial<LogRules>): Canary => ({ rules: { log: { ...rules, ...changed } } })

function dropSent(log: MessageLog, isDropped: (entry: { status: number; consumedIn: number | null }) => boolean): void {
  for (const to of log.sent.keys()) {
    const entries = channelTo(log, to)
    log.sent.set(
      to,
      entries.filter((entry) => !isDropped(entry)),
    )
  }
}

export const logCanaries = {
  /** Trap 1: what no ack has come for at the capture is not archived, so it is not sent again. */
  'trap-01-unacknowledged': withLog({
    capture(log, checkpoint) {
      const unarchived = [...log.sent.values()].flat().filter(({ status }) => status === 0)
      rules.capture(log, checkpoint)
      for (const entry of unarchived) entry.status = 0
    },
    replay: (log) => rules.replay(log).filter(({ status }) => status === 2),
  }),
  /** Trap 2: an archived entry is collected at the next capture, consumed or not. */
  'trap-02-sent-entry-collected': withLog({
    capture(log, checkpoint) {
      dropSent(log, ({ status }) => status === 2)
      rules.capture(log, checkpoint)
    },
  }),
  /** Trap 3: no watermark; receipts are collected after two captures. */
  'trap-03-receipt-collected': {
    isUnbounded: true,
    ...withLog({
      wasConsumed: literal.wasConsumed,
      consume: literal.consume,
      capture(log, checkpoint) {
        rules.capture(log, checkpoint)
        literal.capture({ ...log, sent: new Map() }, checkpoint)
      },
    }),
  },
  /** Trap 4: the watermark stays, but what was consumed out of order is forgotten by age. */
  'trap-04-receipt-aged': withLog({
    capture(log, checkpoint) {
      for (const received of log.received.values()) {
        received.receipts = received.receipts.filter(({ status }) => status !== 2)
      }
      rules.capture(log, checkpoint)
    },
  }),
  /** Trap 5: one sequence counter for all destinations, and a receiver that takes what ascends. */
  'trap-05-one-counter': withLog({
    send: literal.send,
    wasConsumed: (log, from, sequence) => sequence < (log.received.get(from)?.watermark ?? 0),
    consume(log, from, sequence) {
      const received = channelFrom(log, from)
      received.watermark = Math.max(received.watermark, sequence + 1)
    },
  }),
  /** Trap 11: acknowledgements of what a recovery has undone are kept. */
  'trap-11-two-recoveries': withLog({ rollBack() {} }),
  'literal-log': { rules: { log: 'literal' } },
  /** What comes again is consumed again. */
  'replay-without-watermark': withLog({ wasConsumed: () => false }),
  /** Counts a message as consumed one interval too early, so that the next checkpoint does not hold it. */
  'entry-dropped-too-early': withLog({
    acknowledge: (log, ack) => rules.acknowledge(log, { ...ack, consumedIn: ack.consumedIn - 1 }),
  }),
  /** The log only grows: what is known to be consumed is kept, though it is never sent again. */
  'acknowledged-entries-kept': withLog({
    acknowledge(log, ack) {
      const entry = channelTo(log, ack.to).find(({ sequence }) => sequence === ack.sequence)
      if (entry?.consumedIn !== null) return null
      entry.consumedIn = ack.consumedIn
      return entry
    },
    capture() {},
  }),
  /** The watermark moves on, and the receipts that it makes needless stay. */
  'receipts-kept': withLog({
    consume(log, from, sequence) {
      rules.consume(log, from, sequence)
      const received = channelFrom(log, from)
      if (sequence < received.watermark) received.receipts.unshift({ sequence, status: 1 })
    },
  }),
  'newest-entry-not-replayed': withLog({ replay: (log) => rules.replay(log).slice(0, -1) }),
} satisfies Record<string, Canary>
