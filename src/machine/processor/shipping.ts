import type { Epoch, Rank } from '../../base/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import type { ApplicationEffect, Envelope, Frame, Place } from '../../protocol/index.ts'
import { pageSizeBytes, pagesPerBatch, queuedBytesMax, type Surroundings } from './seat.ts'

export interface Shipping {
  readonly place: Place
  readonly memory: ProtectedMemory
  readonly surroundings: Surroundings
  readonly epoch: () => Epoch
}

type Effect<Type extends ApplicationEffect['type']> = Extract<ApplicationEffect, { type: Type }>

/** Sends what the newest capture found changed, while the program computes; a new epoch ends it. */
export async function shipDelta(shipping: Shipping, { to, epoch, checkpoint }: Effect<'shipDelta'>): Promise<void> {
  const { memory, surroundings } = shipping
  const makeFrame = (batch: PageBatch, part: number): Frame => ({ type: 'delta', checkpoint, part, batch })
  const parts = await ship(shipping, { to, epoch, batches: memory.delta(pagesPerBatch), makeFrame })
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
  const parts = await ship(shipping, { to, epoch, batches: memory.image(checkpoint, pagesPerBatch), makeFrame })
  if (parts === null) return
  const ranks = Array.from({ length: surroundings.configuration.processes }, (_, index) => index)
  const checksums = ranks.map((one) => (one === rank ? memory.checksums(checkpoint) : null))
  sendLast(shipping, to, epoch, { type: 'imageEnd', parts: parts.count, checksums })
}

interface Stream {
  readonly to: Place
  readonly epoch: Epoch
  readonly batches: Iterable<PageBatch>
  readonly makeFrame: (batch: PageBatch, part: number) => Frame
}

/** Null when the stream was cut off. */
async function ship(shipping: Shipping, stream: Stream): Promise<{ count: number; pages: number } | null> {
  const { place, surroundings } = shipping
  const { to, epoch, batches, makeFrame } = stream
  let pages = 0
  const makeEnvelope = (batch: PageBatch, part: number): Envelope => {
    pages += batch.numbers.length
    return { epoch, from: place, to, frame: makeFrame(batch, part) }
  }
  const stop = (): boolean => shipping.epoch() !== epoch
  const count = await surroundings.peers.sendPaced(to, batches, makeEnvelope, { queuedBytesMax, stop })
  return stop() ? null : { count, pages }
}

function sendLast({ place, surroundings }: Shipping, to: Place, epoch: Epoch, frame: Frame): void {
  surroundings.peers.send({ epoch, from: place, to, frame })
}
