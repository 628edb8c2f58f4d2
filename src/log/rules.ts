import type { Rank } from '../base/index.ts'
import type { MessageLog, SentEntry } from './tables.ts'

/** What happens to the tables, and when. The protocol calls these and nothing else on a log. */
export interface LogRules {
  /** Numbers a message and enters it in the sent table. `interval` is the sender's. */
  send(log: MessageLog, message: { to: Rank; interval: number; tag: string; payload: Uint8Array }): SentEntry
  /**
   * Notes that `to` consumed the message in its interval `consumedIn`. `captured` is the sender's own checkpoint.
   * Returns the entry when this is the first that is known of it.
   */
  acknowledge(
    log: MessageLog,
    ack: { to: Rank; sequence: number; consumedIn: number; captured: number },
  ): SentEntry | null
  /** Whether the message was consumed before, so that it must be ignored and acknowledged again. */
  wasConsumed(log: MessageLog, from: Rank, sequence: number): boolean
  /** Enters a message in the receipt table. It was not consumed before. */
  consume(log: MessageLog, from: Rank, sequence: number): void
  /** Drops what checkpoint `checkpoint` need not hold and archives the rest; called right before its capture. */
  capture(log: MessageLog, checkpoint: number): void
  /** Mends a log that has just gone back to `checkpoint`. */
  rollBack(log: MessageLog, checkpoint: number): void
  /** What to send again after a recovery, in the order of each channel. */
  replay(log: MessageLog): SentEntry[]
}
