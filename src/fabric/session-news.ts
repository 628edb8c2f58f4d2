import { isCount } from '../base/index.ts'

/** How long the ends of a session wait, in milliseconds. */
export interface SessionTiming {
  /** Acknowledgements wait for so long that one speaks for many frames; a lot of bytes is acknowledged at once. */
  readonly ackMs: number
  /** A link on which nothing is acknowledged for so long, though something was sent, is given up for a new one. */
  readonly overdueMs: number
  /** Between two attempts to connect. */
  readonly retryMs: number
  /** A session that cannot get anything through for so long is told of. */
  readonly downMs: number
}

/** Within one computer. */
export const usualTiming: SessionTiming = { ackMs: 25, overdueMs: 1000, retryMs: 50, downMs: 1000 }

/**
 * Between two: where packets are lost, the system sends one again after 0.2 s, the next time after 0.4 s, then 0.8 s; a link
 * on which three are lost in a row is good, and another one would come no sooner.
 */
export const hostTiming: SessionTiming = { ackMs: 25, overdueMs: 2000, retryMs: 50, downMs: 2000 }

/** Connecting to another host takes no longer: a packet that asks for it may be lost, and each attempt sends its own. */
export const hostConnectMsMax = 1000

/** What a sender says of its place in the session, before frames that do not follow the one before; from the receiver: what it has. */
export type SessionNews = readonly ['at' | 'has', number, number]

/** What has come, if it is news of a session; null if it is anything else. */
export function sessionNews(
  message: unknown,
  kind: SessionNews[0],
): { readonly epoch: number; readonly number: number } | null {
  if (!Array.isArray(message) || message.length !== 3 || message[0] !== kind) return null
  const [, epoch, number] = message as unknown[]
  return isCount(epoch) && isCount(number) ? { epoch, number } : null
}
