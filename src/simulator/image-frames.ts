import type { PageBatch } from '../parity/index.ts'
import type { ChainEffect, Frame, RankChecksums } from '../protocol/index.ts'
import { pagesPerBatch } from './host.ts'

/** Pages that a link in the chain of a rebuild adds to what comes. */
export interface Image {
  readonly pageEnd: number
  add(coefficient: number, incoming: PageBatch, first: number, end: number): PageBatch
}

type Ship = Extract<ChainEffect, { type: 'shipImage' }>
type Pass = Extract<ChainEffect, { type: 'passImage' }>

const nothing: PageBatch = { numbers: [], bytes: new Uint8Array(0) }

/** What is left of an image from one part on; `checksums`: all that are known then. */
export function* imageFrames(
  { target, coefficient, part: firstPart }: Ship,
  image: Image,
  checksums: readonly RankChecksums[],
): Generator<Frame> {
  let part = firstPart
  for (; part * pagesPerBatch < image.pageEnd; part += 1) {
    const batch = image.add(coefficient, nothing, part * pagesPerBatch, (part + 1) * pagesPerBatch)
    yield { type: 'image', target, part, batch }
  }
  yield { type: 'imageEnd', target, parts: part, checksums }
}

/** One part with the own pages added. */
export function passedOn({ target, coefficient, part, batch: incoming }: Pass, image: Image): Frame {
  const batch = image.add(coefficient, incoming, part * pagesPerBatch, (part + 1) * pagesPerBatch)
  return { type: 'image', target, part, batch }
}
