/**
 * A channel between two processors that loses, doubles and reorders frames, and the session over it that makes up for
 * that. Or it is bare: whatever comes out is taken as it is.
 */
import { type Epoch, type Random, seededRandom } from '../../base/index.ts'
import type { Frame, Place } from '../../protocol/index.ts'
import {
  beginEpoch,
  createReceiver,
  createSender,
  noteHas,
  noteOpened,
  putFrame,
  type SessionReceiver,
  type SessionSender,
  sendAgain,
  takeFrame,
  toSend,
} from '../../session/index.ts'

/** What channels between processors do to frames: nothing, or their worst, with sessions over them or without. */
export const channelKinds = ['ordered', 'lossy', 'bare'] as const
export type ChannelKind = (typeof channelKinds)[number]

export interface ChannelChance {
  readonly kind: Exclude<ChannelKind, 'ordered'>
  readonly random: Random
}

/** A frame on its way. `number`: in its session, where the channel is not reliable. */
export interface ChannelFrame {
  readonly type: 'frame'
  readonly epoch: Epoch
  readonly from: Place
  readonly frame: Frame
  readonly number?: number
}

/** `choices`: of the machine, from which all chance in it comes. Null where channels do nothing. */
export function channelChance(kind: ChannelKind, choices: number): ChannelChance | null {
  return kind === 'ordered' ? null : { kind, random: seededRandom(Math.imul(choices, 0xc2b2ae35)) }
}

export class LossyChannel {
  readonly #chance: ChannelChance
  readonly #sender: SessionSender<ChannelFrame> = createSender(0)
  readonly #receiver: SessionReceiver = createReceiver()

  constructor(chance: ChannelChance) {
    this.#chance = chance
    noteOpened(this.#sender)
  }

  /** Whether something is kept that may not have arrived. */
  get isWaiting(): boolean {
    return this.#sender.kept.length > 0
  }

  /** What is sent again until it has arrived. */
  get kept(): ChannelFrame[] {
    return this.#sender.kept.map(({ frame }) => frame)
  }

  /** Sends a frame. Returns what goes into the channel. */
  put(packet: ChannelFrame): ChannelFrame[] {
    if (this.#chance.kind === 'bare') return [packet]
    beginEpoch(this.#sender, packet.epoch)
    if (packet.epoch < this.#sender.epoch) return []
    putFrame(this.#sender, packet, 1)
    return this.#transmit()
  }

  /** Nothing was heard for too long. Returns what goes into the channel. */
  repeat(): ChannelFrame[] {
    sendAgain(this.#sender)
    return this.#transmit()
  }

  #transmit(): ChannelFrame[] {
    return toSend(this.#sender).map(({ number, frame }) => ({ ...frame, number }))
  }

  /** Its sender has ended: nothing is sent again. */
  end(): void {
    beginEpoch(this.#sender, this.#sender.epoch + 1)
  }

  /**
   * Which of so many in the channel comes next, and whether it is lost, or comes again later. Any may overtake those before
   * it.
   */
  draw(packets: number): { readonly which: number; readonly isLost: boolean; readonly staysToo: boolean } {
    const { random } = this.#chance
    const which = random.integer(0, 5) === 0 ? random.integer(0, packets - 1) : 0
    const fate = random.integer(0, 9)
    return { which, isLost: fate === 0, staysToo: fate === 1 }
  }

  /** Whether a frame that comes out of the channel is for the processor. `isLast`: the channel is empty after it. */
  take({ epoch, number = 0 }: ChannelFrame, isLast: boolean): boolean {
    if (this.#chance.kind === 'bare') return true
    const taken = takeFrame(this.#receiver, epoch, number)
    // Answers are lost too, but for the last of several.
    if (isLast || this.#chance.random.integer(0, 2) === 0) {
      noteHas(this.#sender, this.#receiver.epoch, this.#receiver.received)
    }
    return taken === 'next'
  }
}
