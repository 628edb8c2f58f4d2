import type { Epoch } from '../../base/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { PageBatch, Room } from '../../parity/index.ts'
import {
  type ApplicationEffect,
  type ChainEffect,
  type Envelope,
  type Frame,
  type Image,
  ownParts,
  type Place,
  passedOn,
  type RankChecksums,
} from '../../protocol/index.ts'
import { pageSizeBytes, pagesPerBatch, queuedBytesMax, type Surroundings } from './seat.ts'

/** Who ships. */
export interface Shipper {
  readonly place: Place
  readonly surroundings: Surroundings
  readonly epoch: () => Epoch
}

type ApplicationShip = Extract<ApplicationEffect, { type: 'shipDelta' }>
type Ship = Extract<ChainEffect, { type: 'shipImage' }>
type Pass = Extract<ChainEffect, { type: 'passImage' }>

/** Sends what the newest capture found changed, while the program computes; a new epoch ends it. */
export async function shipDelta(
  shipper: Shipper,
  memory: ProtectedMemory,
  { to, epoch, checkpoint }: ApplicationShip,
): Promise<void> {
  const makeBatches = (room: Room): Iterable<PageBatch> => memory.delta(pagesPerBatch, room)
  const makeFrame = (batch: PageBatch, part: number): Frame => ({ type: 'delta', checkpoint, part, batch })
  const parts = await shipPages(shipper, { to, epoch, makeBatches, makeFrame })
  if (parts === null) return
  const checksums = memory.checksums(checkpoint)
  sendLast(shipper, { to, epoch }, { type: 'deltaEnd', checkpoint, parts: parts.count, checksums })
  shipper.surroundings.tell({ type: 'shipped', deltaBytes: parts.pages * pageSizeBytes * to.length })
}

/** Sends what is left of the own share in a chain, and then its end with all checksums that are known. */
export async function shipImage(
  shipper: Shipper,
  image: Image,
  checksums: readonly RankChecksums[],
  effect: Ship,
): Promise<void> {
  const { to, epoch, target, part: firstPart } = effect
  const makeBatches = (room: Room): Iterable<PageBatch> => ownParts(effect, image, pagesPerBatch, room)
  const makeFrame = (batch: PageBatch, part: number): Frame => ({
    type: 'image',
    target,
    part: firstPart + part,
    batch,
  })
  const parts = await shipPages(shipper, { to: [to], epoch, makeBatches, makeFrame })
  if (parts === null) return
  sendLast(shipper, { to: [to], epoch }, { type: 'imageEnd', target, parts: firstPart + parts.count, checksums })
}

/**
 * Adds the own share to one part of a chain, and sends it on. What waits to be sent is one image at most: waiting for
 * room would hold up the part that came, and two chains that run in opposite directions could wait for each other.
 */
export function passImage({ place, surroundings }: Shipper, image: Image, effect: Pass): void {
  const { to, epoch } = effect
  surroundings.peers.sendPages(to, (room) => {
    return { epoch, from: place, to, frame: passedOn(effect, image, pagesPerBatch, room) }
  })
}

interface Addressed {
  readonly to: readonly Place[]
  readonly epoch: Epoch
}

export interface Stream extends Addressed {
  readonly makeBatches: (room: Room) => Iterable<PageBatch>
  readonly makeFrame: (batch: PageBatch, part: number) => Frame
}

/** Sends pages to everybody, no faster than they leave. Null when a new epoch has cut the stream off. */
export async function shipPages(shipper: Shipper, stream: Stream): Promise<{ count: number; pages: number } | null> {
  const { place, surroundings } = shipper
  const { to: places, epoch, makeBatches, makeFrame } = stream
  let pages = 0
  const makeEnvelope = (batch: PageBatch, part: number, to: Place): Envelope => {
    if (to === places[0]) pages += batch.numbers.length
    return { epoch, from: place, to, frame: makeFrame(batch, part) }
  }
  const stop = (): boolean => shipper.epoch() !== epoch
  const count = await surroundings.peers.sendPaced(places, makeBatches, makeEnvelope, { queuedBytesMax, stop })
  return stop() ? null : { count, pages }
}

export function sendLast({ place, surroundings }: Shipper, { to: places, epoch }: Addressed, frame: Frame): void {
  for (const to of places) surroundings.peers.send({ epoch, from: place, to, frame })
}
