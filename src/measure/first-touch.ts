import { timedMs } from './figure.ts'

/** What it costs to touch memory that this process has just been given, in microseconds for each 4 KiB. */
export interface FirstTouch {
  /** In the first piece of it. */
  readonly atOnceUs: number
  /** In all of it, which is more than what lies ready, as a rule. */
  readonly meanUs: number
  /** All of it. */
  readonly bytes: number
}

const pageBytes = 4096
/** Larger than anything that an allocator keeps, so that the system gives each piece anew. */
const pieceBytes = 64 * 2 ** 20

/**
 * Touches `bytes` of new memory, rounded up to pieces of 64 MiB, and gives them back. A virtual machine may have to get
 * each page from its host at the first touch, which takes ten times as long as a page that it holds.
 */
export function measureFirstTouch(bytes: number): FirstTouch {
  const pieces: Uint8Array[] = []
  const timesMs: number[] = []
  while (pieces.length * pieceBytes < bytes) {
    const piece = new Uint8Array(pieceBytes)
    timesMs.push(timedMs(() => touch(piece)))
    // Held until the end: what is given back would be given out again.
    pieces.push(piece)
  }
  const pageUs = (ms: number, count: number): number => (1000 * ms) / ((count * pieceBytes) / pageBytes)
  const allMs = timesMs.reduce((sum, ms) => sum + ms, 0)
  return { atOnceUs: pageUs(timesMs[0]!, 1), meanUs: pageUs(allMs, pieces.length), bytes: pieces.length * pieceBytes }
}

function touch(piece: Uint8Array): void {
  for (let at = 0; at < piece.length; at += pageBytes) piece[at] = 1
}
