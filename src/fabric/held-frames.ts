import { type EncodedFrame, slotBodyBytes } from './encode-frame.ts'
import type { Slot, SlotPool } from './slot-pool.ts'

interface HeldFrame {
  readonly frame: EncodedFrame
  readonly slot: Slot | null
}

/**
 * Frames that wait, in their order, until the peer has said whether it maps the slots: one answer later, what is in
 * them need not go through the socket.
 */
export class HeldFrames {
  /** Of what waits, by what it is once its slots are mapped. */
  bytes = 0
  readonly #pool: SlotPool
  #frames: HeldFrame[] = []

  constructor(pool: SlotPool) {
    this.#pool = pool
  }

  /** `slot`: where the frame's body lies, if it lies in one. */
  add({ head, body }: EncodedFrame, slot: Slot | null): void {
    if (slot) this.#pool.hold(slot)
    // `Buffer.slice` would give a view of memory that the next frame is written to.
    this.#frames.push({ frame: { head: Uint8Array.from(head), body }, slot })
    this.bytes += head.length + (slot ? slotBodyBytes : (body?.length ?? 0))
  }

  /** Hands them over in their order; the slots are held until then. */
  release(send: (frame: EncodedFrame, slot: Slot | null) => void): void {
    const frames = this.#frames
    this.#frames = []
    this.bytes = 0
    for (const { frame, slot } of frames) {
      send(frame, slot)
      if (slot) this.#pool.release(slot)
    }
  }
}
