/** What reaches candidates, as the events that it is for them. */
import type { ProcessorId } from '../../base/index.ts'
import type { CandidateEvent } from '../../protocol/index.ts'
import type { End, Packet } from '../world/links.ts'
import { lossOf } from '../world/processor.ts'

/** What a packet from a link is to a candidate; null: nothing. */
export function eventOf(from: End, packet: Packet): CandidateEvent | null {
  switch (packet.type) {
    case 'frame':
      return { ...packet, processor: from as ProcessorId }
    case 'ready':
      return { type: 'ready', processor: from as ProcessorId, host: packet.host }
    case 'closed':
      if (typeof from === 'number') return lossOf({ id: from, accident: packet.accident ?? null })
      return { type: 'candidateLost', candidate: Number(from.slice('candidate '.length)) }
    case 'refused':
      return { type: 'orderRefused', epoch: packet.epoch }
    case 'news':
      return packet.event
    default:
      return null
  }
}
