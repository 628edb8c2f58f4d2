/**
 * The parts of an image on its way along a chain: part k covers a fixed range of pages, so that whoever adds to it knows
 * which of its own pages belong there. Both drivers send what is made here.
 */
import type { PageBatch, Room } from '../parity/index.ts'
import type { ChainEffect } from './chain.ts'
import type { Frame } from './frames.ts'

/** Pages that a link in a chain adds to what comes. */
export interface Image {
  /** One past the last page that may hold anything. */
  readonly pageEnd: number
  /** incoming + coefficient * the own pages with numbers in [first, end), over GF(2^8), where `room` says. */
  add(coefficient: number, incoming: PageBatch, first: number, end: number, room?: Room): PageBatch
}

type Ship = Extract<ChainEffect, { type: 'shipImage' }>
type Pass = Extract<ChainEffect, { type: 'passImage' }>

const nothing: PageBatch = { numbers: [], bytes: new Uint8Array(0) }

/** The own pages, times the coefficient, in parts from the effect's part on. */
export function* ownParts(
  { coefficient, part: firstPart }: Ship,
  image: Image,
  pagesPerPart: number,
  room?: Room,
): Generator<PageBatch> {
  for (let first = firstPart * pagesPerPart; first < image.pageEnd; first += pagesPerPart) {
    yield image.add(coefficient, nothing, first, first + pagesPerPart, room)
  }
}

/** One part with the own pages added. */
export function passedOn(
  { target, coefficient, part, batch: incoming }: Pass,
  image: Image,
  pagesPerPart: number,
  room?: Room,
): Frame {
  const batch = image.add(coefficient, incoming, part * pagesPerPart, (part + 1) * pagesPerPart, room)
  return { type: 'image', target, part, batch }
}
