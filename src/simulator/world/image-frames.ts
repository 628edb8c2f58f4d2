import { type ChainEffect, type Frame, type Image, ownParts, type RankChecksums } from '../../protocol/index.ts'
import { pagesPerBatch } from './host.ts'

/** What is left of an image from one part on; `checksums`: all that are known then. */
export function* imageFrames(
  effect: Extract<ChainEffect, { type: 'shipImage' }>,
  image: Image,
  checksums: readonly RankChecksums[],
): Generator<Frame> {
  const { target } = effect
  let { part } = effect
  for (const batch of ownParts(effect, image, pagesPerBatch)) {
    yield { type: 'image', target, part, batch }
    part += 1
  }
  yield { type: 'imageEnd', target, parts: part, checksums }
}
