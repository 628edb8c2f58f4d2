import type { Epoch, Rank } from '../../base/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import type { ApplicationEffect, Envelope, Frame, Place } from '../../protocol/index.ts'
import { pageSizeBytes, pagesPerBatch, queuedBytesMax, type Surroundings } from './seat.ts'

/** Who ships. */
export interface Shipper {
  readonly place: Place
  readonly surroundings: Surroundings
  readonly epoch: () => Epoch
}

export interface Shipping extends Shipper {
  readonly memory: ProtectedMemory
}

type Effect<Type extends ApplicationEffect['type']> = Extract<ApplicationEffect, { type: Type }>

/** Sends what the newest capture found changed, while the program computes; a new epoch ends it. */
export async function shipDelta(shipping: Shipping, { to, epoch, checkpoint }: Effect<'shipDelta'>): Promise<void> {
  const { memory, surroundings } = shipping
  const makeFrame = (batch: PageBatch, part: number): Frame => ({ type: 'delta', checkpoint, part, batch })
  const parts = await shipPages(shipping, { to, epoch, batches: memory.delta(pagesPerBatch), makeFrame })
  if (parts === null) return
  sendLast(shipping, to, epoch, {
    type: 'deltaEnd',
    checkpoint,
    parts: parts.count,
    checksums: memory.checksums(checkpoint),
  })
  surroundings.tell({ type: 'shipped', deltaBytes: parts.pages * pageSizeBytes })
}

/** Sends the whole memory as it was at a checkpoint, to where a lost one is rebuilt. */
export async function shipImage(shipping: Shipping, rank: Rank, effect: Effect<'shipImage'>): Promise<void> {
  const { to, epoch, checkpoint } = effect
  const { memory, surroundings } = shipping
  const makeFrame = (batch: PageBatch, part: number): Frame => ({ type: 'image', part, batch })
  const parts = await shipPages(shipping, { to, epoch, batches: memory.image(checkpoint, pagesPerBatch), makeFrame })
  if (parts === null) return
  const ranks = Array.from({ length: surroundings.configuration.processes }, (_, index) => index)
  const checksums = ranks.map((one) => (one === rank ? memory.checksums(checkpoint) : null))
  sendLast(shipping, to, epoch, { type: 'imageEnd', parts: parts.count, checksums })
}

export interface Stream {
  readonly to: Place
  readonly epoch: Epoch
  readonly batches: Iterable<PageBatch>
  readonly makeFrame: (batch: PageBatch, part: number) => Frame
}

/** Sends pages, no faster than they leave. Null when a new epoch has cut the stream off. */
export async function shipPages(shipper: Shipper, stream: Stream): Promise<{ count: number; pages: number } | null> {
  const { place, surroundings } = shipper
  const { to, epoch, batches, makeFrame } = stream
  let pages = 0
  const makeEnvelope = (batch: PageBatch, part: number): Envelope => {
    pages += batch.numbers.length
    return { epoch, from: place, to, frame: makeFrame(batch, part) }
  }
  const stop = (): boolean => shipper.epoch() !== epoch
  const count = await surroundings.peers.sendPaced(to, batches, makeEnvelope, { queuedBytesMax, stop })
  return stop() ? null : { count, pages }
}

export function sendLast({ place, surroundings }: Shipper, to: Place, epoch: Epoch, frame: Frame): void {
  surroundings.peers.send({ epoch, from: place, to, frame })
}
