import type { Epoch } from '../base/index.ts'

/** The receiver's end of a session. */
export interface SessionReceiver {
  /** The newest epoch that the sender has sent in. */
  epoch: Epoch
  /** So many frames of that epoch were taken: those with the numbers 1 to this. */
  received: number
}

/** early: frames before it are missing; old: of an epoch that is over. */
export type Taken = 'next' | 'again' | 'early' | 'old'

export function createReceiver(): SessionReceiver {
  return { epoch: 0, received: 0 }
}

/** A frame has come, by whatever way. It is to be handled if it is `next`, and dropped otherwise (N1, N3). */
export function takeFrame(receiver: SessionReceiver, epoch: Epoch, number: number): Taken {
  if (epoch < receiver.epoch) return 'old'
  if (epoch > receiver.epoch) {
    receiver.epoch = epoch
    receiver.received = 0
  }
  if (number <= receiver.received) return 'again'
  if (number > receiver.received + 1) return 'early'
  receiver.received = number
  return 'next'
}
