import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Link } from './link.ts'
import type { SlotPool } from './slot-pool.ts'

/** What takes frames no faster than they leave: a link, or a session over many. */
export type PacedEnd = Pick<Link, 'closed' | 'whenDrained'> & { send(frame: never): unknown }

export interface Pacing {
  /** The next part is made only while no more bytes than this wait to be sent. */
  readonly queuedBytesMax: number
  /** Asked before each part; once it is true nothing more is sent. */
  readonly stop: () => boolean
  /** Where the items are made: each waits until a slot is free. */
  readonly slots?: SlotPool
}

/**
 * Sends one frame for each item on every link, no faster than the slowest takes them, with a turn of the event loop
 * between any two, so that heartbeats and acks are not held up by a long stream. What a closed link was to carry is lost
 * with it; ends early when told to stop or when all links are closed. Returns how many parts were sent.
 */
export async function sendPaced<Item, Frame = unknown>(
  links: readonly (PacedEnd & { send(frame: Frame): unknown })[],
  items: Iterable<Item>,
  makeFrame: (item: Item, part: number, link: number) => Frame,
  { queuedBytesMax, stop, slots }: Pacing,
): Promise<number> {
  const isOver = async (): Promise<boolean> => {
    for (const link of links) await link.whenDrained(queuedBytesMax)
    while (slots && !slots.isFree && !stop()) await slots.whenFree()
    return stop() || links.every((link) => link.closed)
  }
  let parts = 0
  const iterator = items[Symbol.iterator]()
  const sendNext = (): boolean => {
    const next = iterator.next()
    if (next.done === true) return false
    for (const [index, link] of links.entries()) link.send(makeFrame(next.value, parts, index))
    return true
  }
  try {
    while (!(await isOver())) {
      if (!(slots ? slots.using(sendNext) : sendNext())) break
      parts += 1
      await nextTurn()
    }
  } finally {
    iterator.return?.()
  }
  return parts
}
