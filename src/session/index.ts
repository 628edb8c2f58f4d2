/**
 * Sessions: what makes channels reliable that are not. A session is (sender, receiver, epoch). Its frames are numbered,
 * kept until the receiver has said that it has them, and sent again on a new connection, or when nothing is heard of
 * them. Pure: connections, timeouts and what goes over them come from outside.
 *
 * N1: a receiver takes the frames of an epoch once each, in the order in which they were put, and none is left out.
 * N2: what the receiver may not have is kept, in the sender's present epoch; so whatever a channel loses can be sent again.
 * N3: a new epoch begins anew with number 1 and drops what was kept, and no receiver takes a frame of an older one: a
 *     recovery sends everything again that still counts (trap 7).
 * N4: what is kept is bounded by those who wait while it is more than they may keep; nobody waits for a channel for ever
 *     without being told.
 */
export { createReceiver, type SessionReceiver, type Taken, takeFrame } from './receiver.ts'
export {
  beginEpoch,
  createSender,
  excessBytes,
  isAtRest,
  type Kept,
  noteBroken,
  noteHas,
  noteOpened,
  noteSent,
  putFrame,
  type SessionSender,
  sendAgain,
  toSend,
} from './sender.ts'
