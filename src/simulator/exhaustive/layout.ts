import type { Rank } from '../../base/index.ts'

export const conductorSlot = 0
export const recordSlot = 1
export const faultsSlot = 2
/** What is held up: see `scheduler.ts`. */
export const heldSlot = 3
export const diskSlot = 4
const firstNodeSlot = 5

/**
 * Which slot of a state holds what. End 0 of a link is the conductor, the others are the processors. On a link from an end
 * to itself is what the disk has to do for it.
 */
export class StateLayout {
  readonly ends: number
  readonly firstLinkSlot: number
  /** Slots of a state. */
  readonly width: number
  readonly #symmetries: readonly (readonly Rank[])[]

  /** `symmetries`: rank permutations beside the identity. */
  constructor(processors: number, symmetries: readonly (readonly Rank[])[]) {
    this.ends = processors + 1
    this.firstLinkSlot = firstNodeSlot + processors
    this.width = this.firstLinkSlot + this.ends ** 2
    this.#symmetries = symmetries
  }

  kindOf(slot: number): 'conductor' | 'record' | 'faults' | 'held' | 'disk' | 'node' | 'link' {
    if (slot >= this.firstLinkSlot) return 'link'
    if (slot >= firstNodeSlot) return 'node'
    if (slot === conductorSlot) return 'conductor'
    if (slot === recordSlot) return 'record'
    if (slot === diskSlot) return 'disk'
    return slot === faultsSlot ? 'faults' : 'held'
  }

  /** Where a symmetry puts what is in a slot. */
  imageOf(slot: number, symmetry: number): number {
    const image = symmetry === 0 ? null : this.#symmetries[symmetry - 1]!
    const endImage = (end: number): number => (image && end > 0 && end <= image.length ? image[end - 1]! + 1 : end)
    if (slot < firstNodeSlot) return slot
    if (slot < this.firstLinkSlot) return this.nodeSlot(endImage(slot - firstNodeSlot + 1))
    const link = slot - this.firstLinkSlot
    return this.linkSlot(endImage(Math.floor(link / this.ends)), endImage(link % this.ends))
  }

  nodeSlot(processor: number): number {
    return firstNodeSlot + processor - 1
  }

  linkSlot(from: number, to: number): number {
    return this.firstLinkSlot + from * this.ends + to
  }
}
