import { figureOf, timedMs } from './figure.ts'

const roomBytes = 64 * 2 ** 20
/** A round copies at least this much, or the clock would be too coarse. */
const roundBytesMin = 4 * 2 ** 20
const rounds = 11
const warmUpRounds = 2

/**
 * How long this machine takes to copy so many bytes once (C's memmove, which `TypedArray.set` calls): the yardstick for
 * everything else, measured now. Bytes beyond 64 MiB are reckoned from 64 MiB. Positions move on with each copy, so that
 * a copy of a few bytes does not find them in the caches of the processor core.
 */
export class CopyYardstick {
  readonly #from = new Uint8Array(roomBytes).fill(1)
  readonly #to = new Uint8Array(roomBytes).fill(2)

  /** The median, in milliseconds. */
  measureMs(bytes: number): number {
    const pieceBytes = Math.max(1, Math.min(bytes, roomBytes))
    const copies = Math.ceil(Math.min(roundBytesMin, roomBytes) / pieceBytes)
    const places = Math.floor(roomBytes / pieceBytes)
    let place = 0
    const round = (): number =>
      timedMs(() => {
        for (let copy = 0; copy < copies; copy += 1) {
          const at = place * pieceBytes
          this.#to.set(this.#from.subarray(at, at + pieceBytes), at)
          place = (place + 1) % places
        }
      })
    const times = Array.from({ length: warmUpRounds + rounds }, round).slice(warmUpRounds)
    return ((figureOf(times).median / copies) * bytes) / pieceBytes
  }
}
