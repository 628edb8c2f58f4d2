import type { StorePort } from '../../carrier/index.ts'
import type { PinnedCheckpoint, ProtectedMemory } from '../../memory/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import type { ApplicationEvent } from '../../protocol/index.ts'
import { DiskError, type FilePart, pagesName, type SimulatedFolder, writeWhole } from './folder.ts'

type Order = Parameters<StorePort['store']>[0]
type LoadOrder = Parameters<StorePort['load']>[0]

interface Writing {
  readonly order: Order
  readonly name: string
  readonly held: PinnedCheckpoint
  readonly steps: Generator<void, void>
}

interface Reading {
  readonly order: LoadOrder
  readonly steps: Generator<PageBatch, ApplicationEvent>
}

/** So many that few operations write a file, and so few that it can be torn. */
const pagesPerPart = 12

/** What one simulated application processor has on disk; each operation is done when the world says so. */
export class SimulatedShare implements StorePort {
  readonly #folder: SimulatedFolder
  readonly #run: number
  readonly #rank: number
  readonly #memory: ProtectedMemory
  #writing: Writing | null = null
  #reading: Reading | null = null

  constructor(folder: SimulatedFolder, run: number, rank: number, memory: ProtectedMemory) {
    this.#folder = folder
    this.#run = run
    this.#rank = rank
    this.#memory = memory
  }

  get isWriting(): boolean {
    return this.#writing !== null
  }

  get isReading(): boolean {
    return this.#reading !== null
  }

  store(order: Order): void {
    const { checkpoint, sequence, since } = order
    this.#stopWriting()
    this.#memory.recycle(checkpoint)
    const held = this.#memory.pin(since)
    this.#memory.mark(sequence, since)
    const name = pagesName(sequence, this.#run, this.#rank)
    this.#writing = { order, name, held, steps: writeWhole(this.#folder, name, partsOf(held)) }
  }

  load(order: LoadOrder): void {
    this.#reading = { order, steps: this.#read(order) }
  }

  /** What was begun in another epoch ends. */
  keepOnly(epoch: number): void {
    if (this.#writing && this.#writing.order.epoch !== epoch) this.#stopWriting()
    if (this.#reading && this.#reading.order.epoch !== epoch) this.#reading = null
  }

  /** Writes on. Returns what the protocol is to hear of it. */
  write(): ApplicationEvent | null {
    if (!this.#writing) return null
    const { order, steps, held } = this.#writing
    const { epoch, sequence } = order
    try {
      if (!steps.next().done) return null
    } catch (error) {
      this.#endWriting()
      return { type: 'notStored', epoch, sequence, reason: problemOf(error) }
    }
    const { isFull } = held
    this.#endWriting()
    return { type: 'stored', epoch, sequence, file: { bytes: 0, checksum: 0, isFull } }
  }

  /** Reads on. Returns what the protocol is to hear of it. */
  readOn(): ApplicationEvent | null {
    if (!this.#reading) return null
    const { order, steps } = this.#reading
    try {
      const next = steps.next()
      if (!next.done) {
        this.#memory.absorb(next.value)
        return null
      }
      this.#reading = null
      return next.value
    } catch (error) {
      this.#reading = null
      return { type: 'damaged', epoch: order.epoch, groups: [], problem: problemOf(error) }
    }
  }

  /** Every page once: the newest file has the last word. */
  *#read({ epoch, checkpoint, sequence }: LoadOrder): Generator<PageBatch, ApplicationEvent> {
    const chain = this.#folder.chainOf(sequence, this.#rank)
    const seen = new Set<number>()
    const newest = this.#folder.read(chain.at(-1)!)
    for (const name of chain.toReversed()) {
      for (const part of this.#folder.read(name).parts) if (part.type === 'pages') yield unseen(part.batch, seen)
    }
    const groups = this.#memory.adopt(checkpoint, newest.checksums)
    this.#memory.mark(sequence, null)
    if (groups.length > 0) return { type: 'damaged', epoch, groups }
    return { type: 'restored', epoch, checkpoint, blobs: this.#memory.blobs() }
  }

  #stopWriting(): void {
    if (!this.#writing) return
    this.#folder.remove(`${this.#writing.name}.partial`)
    this.#endWriting()
  }

  #endWriting(): void {
    this.#writing?.held.release()
    this.#writing = null
  }
}

function* partsOf(held: PinnedCheckpoint): Generator<FilePart> {
  const { checksums } = held
  for (const batch of held.pages(pagesPerPart)) yield { type: 'pages', batch }
  yield { type: 'end', checksums }
}

/** The pages that no newer file has, and marks them as seen. */
function unseen({ numbers, bytes }: PageBatch, seen: Set<number>): PageBatch {
  const size = bytes.length / numbers.length
  const fresh = [...numbers.keys()].filter((index) => !seen.has(numbers[index]!))
  const pages = new Uint8Array(fresh.length * size)
  for (const [place, index] of fresh.entries()) {
    seen.add(numbers[index]!)
    pages.set(bytes.subarray(index * size, (index + 1) * size), place * size)
  }
  return { numbers: fresh.map((index) => numbers[index]!), bytes: pages }
}

/** What the disk says; everything else is a defect. */
export function problemOf(error: unknown): string {
  if (error instanceof DiskError) return error.message
  throw error
}
