import { type Contents, receiversOf, type Shipment } from '../../carrier/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import type { Envelope, Place } from '../../protocol/index.ts'
import { pageSizeBytes, queuedBytesMax, type Seat, type Surroundings } from './seat.ts'

/** Sends a shipment to all its receivers, no faster than it leaves, while the program computes; a new epoch ends it. */
export async function shipPaced(
  seat: Pick<Seat, 'place' | 'epoch'>,
  { peers, tell }: Surroundings,
  shipment: Shipment,
  contents: Contents,
): Promise<void> {
  const { epoch } = shipment
  const { place: from } = seat
  const places = receiversOf(shipment)
  let pages = 0
  const makeEnvelope = (batch: PageBatch, part: number, to: Place): Envelope => {
    if (to === places[0]) pages += batch.numbers.length
    return { epoch, from, to, frame: contents.part(batch, part) }
  }
  const stop = (): boolean => seat.epoch !== epoch
  const makeBatches = contents.batches.bind(contents)
  const count = await peers.sendPaced(places, makeBatches, makeEnvelope, { queuedBytesMax, stop })
  if (stop()) return
  const end = contents.end(count)
  for (const to of places) peers.send({ epoch, from, to, frame: end })
  if (shipment.type === 'shipDelta') tell({ type: 'shipped', deltaBytes: pages * pageSizeBytes * places.length })
}
