import { assert, type Epoch } from '../base/index.ts'

/** A frame that the receiver may not have yet. */
export interface Kept<Frame> {
  readonly number: number
  readonly frame: Frame
  readonly bytes: number
}

/** The sender's end of a session. */
export interface SessionSender<Frame> {
  epoch: Epoch
  /** The receiver has said that it has so many frames of this epoch: they are forgotten. */
  acknowledged: number
  /** The frames after those, in their order. */
  kept: Kept<Frame>[]
  keptBytes: number
  /** So many frames of this epoch were sent since there last was reason to send any again. */
  sent: number
  /** asking: there is a connection, and on it the receiver is to say what it has. */
  connection: 'none' | 'asking' | 'open'
  /** Something was sent on an earlier connection, so the receiver has to be asked. */
  isResumed: boolean
}

export function createSender<Frame>(epoch: Epoch): SessionSender<Frame> {
  return { epoch, acknowledged: 0, kept: [], keptBytes: 0, sent: 0, connection: 'none', isResumed: false }
}

/** N3. Returns what was kept in the epoch before. */
export function beginEpoch<Frame>(sender: SessionSender<Frame>, epoch: Epoch): Kept<Frame>[] {
  if (epoch <= sender.epoch) return []
  const dropped = sender.kept
  Object.assign(sender, { epoch, acknowledged: 0, kept: [], keptBytes: 0, sent: 0 })
  return dropped
}

/** Numbers a frame of the present epoch and keeps it (N2). */
export function putFrame<Frame>(sender: SessionSender<Frame>, frame: Frame, bytes: number): void {
  sender.kept.push({ number: sender.acknowledged + sender.kept.length + 1, frame, bytes })
  sender.keptBytes += bytes
}

/** The frames that are to be sent now, and then count as sent. */
export function toSend<Frame>(sender: SessionSender<Frame>): Kept<Frame>[] {
  if (sender.connection !== 'open') return []
  const frames = sender.kept.slice(sender.sent - sender.acknowledged)
  if (frames.length > 0) noteSent(sender)
  return frames
}

/** All that is kept has just been sent, in its order. */
export function noteSent(sender: SessionSender<unknown>): void {
  assert(sender.connection === 'open', 'N1: frames leave on an open connection')
  sender.sent = sender.acknowledged + sender.kept.length
  sender.isResumed = true
}

/** N4: bytes for which those who can wait shall wait, where `windowBytes` may be on their way and unacknowledged. */
export function excessBytes({ keptBytes, connection }: SessionSender<unknown>, windowBytes: number): number {
  return connection === 'open' ? Math.max(0, keptBytes - windowBytes) : keptBytes
}

/** Whether nothing may have to be sent again, and the receiver has nothing to say yet. */
export function isAtRest({ kept, connection }: SessionSender<unknown>): boolean {
  return connection === 'open' && kept.length === 0
}

/** There is a connection. The first one carries what there is; on another one the receiver is asked before. */
export function noteOpened(sender: SessionSender<unknown>): void {
  sender.connection = sender.isResumed ? 'asking' : 'open'
}

/** The connection is over; nobody knows what of it has arrived. */
export function noteBroken(sender: SessionSender<unknown>): void {
  sender.connection = 'none'
  sender.sent = sender.acknowledged
}

/** Nothing was heard for too long of what was sent: all that is kept counts as lost on the way. */
export function sendAgain(sender: SessionSender<unknown>): void {
  sender.sent = sender.acknowledged
}

/**
 * The receiver says what it has of an epoch: of one that is over, or that it has not heard of yet, this tells nothing.
 * Returns what need not be kept any more; null if the sender has never sent that much, so that this cannot be meant.
 */
export function noteHas<Frame>(sender: SessionSender<Frame>, epoch: Epoch, received: number): Kept<Frame>[] | null {
  const isOfThis = epoch === sender.epoch
  const news = isOfThis ? received - sender.acknowledged : 0
  if (epoch > sender.epoch || news > sender.kept.length) return null
  if (sender.connection === 'asking') sender.connection = 'open'
  if (news <= 0) return []
  const done = sender.kept.splice(0, news)
  for (const { bytes } of done) sender.keptBytes -= bytes
  sender.acknowledged = received
  sender.sent = Math.max(sender.sent, received)
  assert(sender.keptBytes >= 0, 'N2: what is kept is counted')
  return done
}
