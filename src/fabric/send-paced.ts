import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Link } from './link.ts'

export interface Pacing {
  /** The next part is made only while no more bytes than this wait to be sent. */
  readonly queuedBytesMax: number
  /** Asked before each part; once it is true nothing more is sent. */
  readonly stop: () => boolean
}

/**
 * Sends one frame for each item, no faster than the link takes them, with a turn of the event loop between any two, so
 * that heartbeats and acks are not held up by a long stream. Ends early when told to stop or when the link is closed.
 * Returns how many parts were sent.
 */
export async function sendPaced<Item>(
  link: Link,
  items: Iterable<Item>,
  makeFrame: (item: Item, part: number) => unknown,
  { queuedBytesMax, stop }: Pacing,
): Promise<number> {
  let parts = 0
  await link.whenDrained(queuedBytesMax)
  if (stop() || link.closed) return parts
  for (const item of items) {
    link.send(makeFrame(item, parts))
    parts += 1
    await nextTurn()
    await link.whenDrained(queuedBytesMax)
    if (stop() || link.closed) return parts
  }
  return parts
}
