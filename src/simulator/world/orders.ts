import type { Epoch, ProcessorId } from '../../base/index.ts'
import type { Frame, Place } from '../../protocol/index.ts'
import type { Packet } from './links.ts'

/** What one conductor tells processors: who holds what, as it has told, and frames for those. */
export class Orders {
  readonly holders = new Map<Place, ProcessorId>()
  readonly #living: readonly { readonly id: ProcessorId }[]
  readonly #put: (to: ProcessorId, epoch: Epoch, packet: Packet) => void

  constructor(
    living: readonly { readonly id: ProcessorId }[],
    put: (to: ProcessorId, epoch: Epoch, packet: Packet) => void,
  ) {
    this.#living = living
    this.#put = put
  }

  frame(to: Place, epoch: Epoch, frame: Frame): void {
    const processor = this.holders.get(to)
    if (processor !== undefined) this.#put(processor, epoch, { type: 'frame', epoch, from: 'conductor', frame })
  }

  assign(place: Place, id: ProcessorId, epoch: Epoch): void {
    this.holders.set(place, id)
    for (const { id: other } of this.#living) {
      if (other !== id) this.#put(other, epoch, { type: 'member', place, processor: id })
    }
    this.#put(id, epoch, { type: 'assigned', place, epoch, members: new Map(this.holders) })
  }

  fence(processor: ProcessorId, epoch: Epoch): void {
    this.#put(processor, epoch, { type: 'fenced' })
  }

  /** Another one conducts: whoever holds a place hears of it again, and everybody else that there is another. */
  introduce(members: Iterable<readonly [Place, ProcessorId | null]>, epoch: Epoch): void {
    this.holders.clear()
    const places = new Map<ProcessorId, Place>()
    for (const [place, holder] of members) {
      if (holder === null) continue
      this.holders.set(place, holder)
      places.set(holder, place)
    }
    const told = new Map(this.holders)
    for (const { id } of this.#living) {
      const place = places.get(id)
      if (place === undefined) this.#put(id, epoch, { type: 'introduced', members: told })
      else this.#put(id, epoch, { type: 'assigned', place, epoch, members: told })
    }
  }
}
