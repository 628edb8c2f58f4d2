/** Memories and parities of which only the number of pages is known. All change the same pages, from the first on. */
import { assert, type Rank } from '../../src/base/index.ts'
import type {
  ChainShare,
  MemoryContent,
  MemoryPort,
  MemoryWork,
  ParityPort,
  Restorable,
} from '../../src/carrier/index.ts'
import type { Checksums, PageBatch } from '../../src/parity/index.ts'

const pageSizeBytes = 4096
/** Pages that a program changes in each interval. */
const programPages = 2
const checksums: Checksums = new Uint8Array(8)

type Blobs = ReadonlyMap<string, Uint8Array>

/** What was captured of each rank, by checkpoint: in place of the bytes that a rebuild would bring back. */
export class Captures {
  readonly #captures: Map<number, Blobs>[]

  constructor(processes: number) {
    this.#captures = Array.from({ length: processes }, () => new Map([[0, new Map()]]))
  }

  note(rank: Rank, checkpoint: number, blobs: Blobs): void {
    const captures = this.#captures[rank]!
    captures.set(checkpoint, blobs)
    captures.delete(checkpoint - 3)
  }

  at(rank: Rank, checkpoint: number): Blobs {
    const blobs = this.#captures[rank]!.get(checkpoint)
    assert(blobs !== undefined, 'scale: what is restored was captured not long ago')
    return blobs
  }
}

export class CountedMemory implements MemoryPort, MemoryContent, Restorable {
  readonly content = this
  readonly put: (work: MemoryWork) => void
  readonly #rank: Rank
  readonly #captures: Captures
  #deltaPages = 0
  #restored = 0

  constructor(rank: Rank, captures: Captures, put: (work: MemoryWork) => void) {
    this.#rank = rank
    this.#captures = captures
    this.put = put
  }

  capture(checkpoint: number, blobs: Blobs): void {
    this.#captures.note(this.#rank, checkpoint, blobs)
    this.#deltaPages = programPages + pagesOf(blobs)
  }

  delta(): PageBatch[] {
    return [zeros(this.#deltaPages)]
  }

  checksums(): Checksums {
    return checksums
  }

  chainShare(checkpoint: number): ChainShare {
    return shareOf(programPages + pagesOf(this.blobsAt(checkpoint)))
  }

  restore(checkpoint: number): void {
    this.#restored = checkpoint
  }

  adopt(checkpoint: number): number[] {
    this.#restored = checkpoint
    return []
  }

  blobs(): Blobs {
    return this.blobsAt(this.#restored)
  }

  blobsAt(checkpoint: number): Blobs {
    return this.#captures.at(this.#rank, checkpoint)
  }

  recycle(): void {}

  clear(): void {}

  absorb(): void {}
}

export class CountedParity implements ParityPort {
  #parityPages = 0
  #stagedPages = 0

  get pageEnd(): number {
    return this.#parityPages
  }

  stage({ numbers }: PageBatch): void {
    this.#stagedPages = Math.max(this.#stagedPages, numbers.length)
  }

  applyStaged(): void {
    this.#parityPages = Math.max(this.#parityPages, this.#stagedPages)
    this.#stagedPages = 0
  }

  dropStaged(): void {
    this.#stagedPages = 0
  }

  *staged(): Generator<PageBatch> {
    yield zeros(this.#stagedPages)
  }

  addPages(coefficient: number, incoming: PageBatch): PageBatch {
    return shareOf(this.#parityPages).add(coefficient, incoming, 0, 0)
  }

  clear(): void {
    this.#parityPages = 0
    this.#stagedPages = 0
  }

  absorb({ numbers }: PageBatch): void {
    this.#parityPages = Math.max(this.#parityPages, numbers.length)
  }
}

function shareOf(pageEnd: number): ChainShare {
  return { pageEnd, add: (_, incoming) => (incoming.numbers.length > 0 ? incoming : zeros(pageEnd)) }
}

function pagesOf(blobs: Blobs): number {
  let pages = 0
  for (const bytes of blobs.values()) pages += Math.ceil(bytes.byteLength / pageSizeBytes)
  return pages
}

const batches: PageBatch[] = []

/** The first `pages` pages, as zeros. */
function zeros(pages: number): PageBatch {
  batches[pages] ??= {
    numbers: Array.from({ length: pages }, (_, page) => page),
    bytes: new Uint8Array(pages * pageSizeBytes),
  }
  return batches[pages]
}
