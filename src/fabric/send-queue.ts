import type { EncodedFrame } from './encode-frame.ts'

const batchBytes = 64 * 1024

/** A body up to this length is copied behind its head: a piece of its own would cost more. */
const copiedBytesMax = 64

/** Frames on their way to the kernel. The heads of many small frames share one buffer; bodies stay where they are. */
export class SendQueue {
  #pieces: Uint8Array[] = []
  #first = 0
  #batch = new Uint8Array(0)
  #batchStart = 0
  #batchEnd = 0

  add({ head, body }: EncodedFrame): void {
    if (head.length > this.#batch.length - this.#batchEnd) {
      this.#seal()
      this.#batch = Buffer.allocUnsafeSlow(Math.max(batchBytes, head.length))
      this.#batchStart = this.#batchEnd = 0
    }
    this.#batch.set(head, this.#batchEnd)
    this.#batchEnd += head.length
    if (!body) return
    if (body.length <= Math.min(copiedBytesMax, this.#batch.length - this.#batchEnd)) {
      this.#batch.set(body, this.#batchEnd)
      this.#batchEnd += body.length
      return
    }
    this.#seal()
    this.#pieces.push(body)
  }

  /** Takes pieces of at most `bytesMax` in all off the queue; a longer piece is cut. */
  take(bytesMax: number): Uint8Array[] {
    this.#seal()
    const taken: Uint8Array[] = []
    let room = bytesMax
    while (room > 0 && this.#first < this.#pieces.length) {
      const piece = this.#pieces[this.#first]!
      taken.push(piece.length <= room ? piece : piece.subarray(0, room))
      if (piece.length <= room) this.#first += 1
      else this.#pieces[this.#first] = piece.subarray(room)
      room -= piece.length
    }
    this.#forgetTaken()
    return taken
  }

  clear(): void {
    this.#pieces = []
    this.#first = 0
    this.#batchStart = this.#batchEnd
  }

  #seal(): void {
    if (this.#batchEnd > this.#batchStart) this.#pieces.push(this.#batch.subarray(this.#batchStart, this.#batchEnd))
    this.#batchStart = this.#batchEnd
  }

  /** Moves the rest to the front only when it is the smaller part, so that a long queue costs no more per piece. */
  #forgetTaken(): void {
    if (this.#first * 2 < this.#pieces.length) return
    this.#pieces.splice(0, this.#first)
    this.#first = 0
  }
}
