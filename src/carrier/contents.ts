/**
 * The frames of which shipments consist. Part k of an image covers a fixed range of pages, so that whoever adds to it on
 * its way along a chain knows which of its own pages belong there.
 */
import type { ProtectedMemory } from '../memory/index.ts'
import type { Checksums, PageBatch, Room } from '../parity/index.ts'
import type { ChainEffect, Frame, RankChecksums } from '../protocol/index.ts'
import type { ChainShare, Contents, MemoryContent, TransportPort } from './ports.ts'

export function* framesOf(contents: Contents): Generator<Frame> {
  let count = 0
  for (const batch of contents.batches()) {
    yield contents.part(batch, count)
    count += 1
  }
  yield contents.end(count)
}

/** What a memory of real bytes has to ship. */
export class RealContent implements MemoryContent {
  readonly #memory: ProtectedMemory

  constructor(memory: ProtectedMemory) {
    this.#memory = memory
  }

  delta(pagesPerPart: number, room?: Room): Iterable<PageBatch> {
    return this.#memory.delta(pagesPerPart, room)
  }

  checksums(checkpoint: number): Checksums {
    return this.#memory.checksums(checkpoint)
  }

  chainShare(checkpoint: number): ChainShare {
    const memory = this.#memory
    return {
      pageEnd: memory.pageEnd,
      add: (coefficient, incoming, first, end, room) =>
        memory.addPages(checkpoint, coefficient, incoming, first, end, room),
    }
  }
}

const nothing: PageBatch = { numbers: [], bytes: new Uint8Array(0) }

/** The own pages, times the coefficient, in parts from the effect's part on. `known`: all checksums that are. */
export function chainContents(
  { target, coefficient, part: firstPart }: Extract<ChainEffect, { type: 'shipImage' }>,
  own: ChainShare,
  pagesPerPart: number,
  known: () => readonly RankChecksums[],
): Contents {
  return {
    *batches(room) {
      for (let first = firstPart * pagesPerPart; first < own.pageEnd; first += pagesPerPart) {
        yield own.add(coefficient, nothing, first, first + pagesPerPart, room)
      }
    },
    part: (batch, index) => ({ type: 'image', target, part: firstPart + index, batch }),
    end: (count) => ({ type: 'imageEnd', target, parts: firstPart + count, checksums: known() }),
  }
}

/** Sends one part on with the own pages added. */
export function passImage(
  { to, epoch, target, coefficient, part, batch: incoming }: Extract<ChainEffect, { type: 'passImage' }>,
  own: ChainShare,
  transport: Pick<TransportPort, 'pagesPerPart' | 'sendPages'>,
): void {
  const { pagesPerPart } = transport
  transport.sendPages(to, epoch, (room) => {
    const batch = own.add(coefficient, incoming, part * pagesPerPart, (part + 1) * pagesPerPart, room)
    return { type: 'image', target, part, batch }
  })
}
