import { assert, type Rank } from '../../base/index.ts'
import { applicationPlace, type Place } from '../../protocol/index.ts'

/** Messages of one world have ids from 1 to this, so that a set of them is a mask of 31 bits. */
export const messageIdsMax = 31

/** What ids of messages are made of. A message that is sent anew after a recovery is another one: its epoch differs. */
export interface MessageShape {
  /** The most messages that one process sends. */
  readonly sendsMax: number
  readonly epochsMax: number
}

/** The id of the `index`-th message of a sender, sent in `epoch`. */
export function messageId(shape: MessageShape, sender: Rank, index: number, epoch: number): number {
  const id = 1 + (sender * shape.sendsMax + index) * shape.epochsMax + (epoch - 1)
  assert(epoch <= shape.epochsMax && index < shape.sendsMax && id <= messageIdsMax, 'ids: the message has one')
  return id
}

export function senderOf(shape: MessageShape, id: number): Rank {
  return Math.floor((id - 1) / shape.epochsMax / shape.sendsMax)
}

/** The place of a message in its sender's script, from 0. */
export function indexOf(shape: MessageShape, id: number): number {
  return Math.floor((id - 1) / shape.epochsMax) % shape.sendsMax
}

export function epochOf(shape: MessageShape, id: number): number {
  return 1 + ((id - 1) % shape.epochsMax)
}

/** One symmetry of a world: how everything that names a rank is called in the mirror image of a state. */
export interface Renaming {
  /** Which of the world's symmetries; 0 is the identity. */
  readonly number: number
  rank(rank: Rank): Rank
  place(text: string): string
  /** At the start processor i + 1 holds the place of rank i; the others have no rank in their names. */
  processor(id: number): number
  message(id: number): number
}

export function createRenaming(number: number, images: readonly Rank[], shape: MessageShape): Renaming {
  const rank = (one: Rank): Rank => images[one] ?? one
  const places = new Map<string, Place>(images.map((image, one) => [applicationPlace(one), applicationPlace(image)]))
  return {
    number,
    rank,
    place: (text) => places.get(text) ?? text,
    processor: (id) => (id <= images.length ? rank(id - 1) + 1 : id),
    message: (id) => {
      if (id > messageIdsMax) return id
      return messageId(shape, rank(senderOf(shape, id)), indexOf(shape, id), epochOf(shape, id))
    },
  }
}
