import { type Contents, receiversOf, type Shipment } from '../../carrier/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import type { Envelope, Place } from '../../protocol/index.ts'
import { type PlaceDriver, type ProcessorContext, pageSizeBytes, queuedBytesMax } from './place-driver.ts'

/** Sends a shipment to all its receivers, no faster than it leaves, while the program computes; a new epoch ends it. */
export async function shipPaced(
  driver: Pick<PlaceDriver, 'place' | 'epoch'>,
  { peers, tell }: ProcessorContext,
  shipment: Shipment,
  contents: Contents,
): Promise<void> {
  const { epoch } = shipment
  const { place: from } = driver
  const places = receiversOf(shipment)
  let pages = 0
  const makeEnvelope = (batch: PageBatch, part: number, to: Place): Envelope => {
    if (to === places[0]) pages += batch.numbers.length
    return { epoch, from, to, frame: contents.part(batch, part) }
  }
  const stop = (): boolean => driver.epoch !== epoch
  const makeBatches = contents.batches.bind(contents)
  const count = await peers.sendPaced(places, makeBatches, makeEnvelope, { queuedBytesMax, stop })
  if (stop()) return
  const end = contents.end(count)
  for (const to of places) peers.send({ epoch, from, to, frame: end })
  if (shipment.type === 'shipDelta') tell({ type: 'shipped', deltaBytes: pages * pageSizeBytes * places.length })
}
