import { seededRandom } from '../base/index.ts'
import { loadKernels, type WantedTracker } from '../machine/index.ts'
import { openMemory, type TrackerName } from '../memory/native/index.ts'
import { breathe, type Conditions, type Figure, figureOf, timedMs } from './figure.ts'

export interface FirstWrite {
  readonly tracker: TrackerName
  readonly pageBytes: number
  /** Microseconds for one page. */
  readonly pageUs: Figure
}

const memoryBytes = 64 * 2 ** 20
const pageSizeBytes = 4096
const pages = memoryBytes / pageSizeBytes
const changedPages = pages / 8
const warmUpRounds = 2

/**
 * What the first write to a page after a checkpoint costs the program, beyond what any write costs: random pages of
 * 64 MiB are written to twice, and the difference counts. Without tracking by the kernel that is about nothing.
 */
export async function measureFirstWrite(
  wanted: WantedTracker,
  { rounds, signal, onProgress }: Conditions,
): Promise<FirstWrite> {
  const { memory, tracker } = openMemory({
    tracker: wanted,
    kernels: loadKernels(),
    programBytes: memoryBytes,
    pageSizeBytes,
  })
  try {
    const words = new Uint32Array(memory.buffer, memory.programOffset, memoryBytes / 4)
    words.fill(1)
    const pageUs: number[] = []
    for (let round = 1; round <= 1 + warmUpRounds + rounds; round += 1) {
      await breathe(signal)
      memory.capture(round, new Map())
      memory.recycle(round)
      const places = randomPlaces(round)
      read(words, places)
      const firstMs = timedMs(() => write(words, places))
      const againMs = timedMs(() => write(words, places))
      if (round > 1 + warmUpRounds) pageUs.push((1000 * Math.max(0, firstMs - againMs)) / changedPages)
      onProgress(round / (1 + warmUpRounds + rounds), 'first writes')
    }
    return { tracker, pageBytes: pageSizeBytes, pageUs: figureOf(pageUs) }
  } finally {
    memory.close()
  }
}

/** A word in each of some random pages. */
function randomPlaces(seed: number): Uint32Array {
  const random = seededRandom(seed)
  const numbers = Uint32Array.from({ length: pages }, (_, page) => page)
  for (let i = 0; i < changedPages; i += 1) {
    const other = random.integer(i, pages - 1)
    const page = numbers[other]!
    numbers[other] = numbers[i]!
    numbers[i] = page
  }
  return numbers.slice(0, changedPages).map((page) => (page * pageSizeBytes) / 4)
}

function write(words: Uint32Array, places: Uint32Array): void {
  for (let i = 0; i < places.length; i += 1) words[places[i]!]! += 1
}

/** Brings what is going to be written into the caches, so that only the first write itself is measured. */
function read(words: Uint32Array, places: Uint32Array): number {
  let sum = 0
  for (let i = 0; i < places.length; i += 1) sum += words[places[i]!]!
  return sum
}
