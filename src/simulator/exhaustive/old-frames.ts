/** O9: no frame of an old epoch takes effect. */
import { describeEvent } from '../../protocol/index.ts'
import type { Violation } from '../oracle/oracle.ts'
import { firstPacket } from './entries.ts'
import { conductorSlot, type StateLayout } from './layout.ts'
import type { PackedState } from './move.ts'
import type { Universe } from './universe.ts'

/**
 * Old frames are taken off their links without being delivered (E1 in `state-space.ts`). That their receivers would have
 * dropped them is not assumed: each is asked what it would make of it, as it is at that moment.
 */
export class OldFrames {
  readonly #universe: Universe
  readonly #layout: StateLayout
  readonly #fenced: number

  constructor(universe: Universe, layout: StateLayout) {
    this.#universe = universe
    this.#layout = layout
    this.#fenced = universe.packet({ type: 'fenced' })
  }

  /** What is wrong, or null: the receiver stays as it is, and only the conductor answers, that the sender is fenced. */
  check(state: PackedState, from: number, to: number, packet: number): Violation | null {
    const universe = this.#universe
    const receiver = state[to === 0 ? conductorSlot : this.#layout.nodeSlot(to)]!
    const { next, sent, violation } =
      to === 0
        ? universe.conductorTransition(receiver, from, packet)
        : universe.nodeTransition(receiver, firstPacket + packet)
    const isFenced = sent.length === 2 && sent[0] === from && sent[1] === this.#fenced
    if (next === receiver && !violation && (sent.length === 0 || isFenced)) return null
    const name = to === 0 ? 'conductor' : (universe.nodes.entry(receiver).place ?? `p${to}`)
    return { kind: 'OLD FRAME', detail: `${name}: ${this.#describe(packet)}` }
  }

  #describe(packet: number): string {
    const news = this.#universe.packets.entry(packet).packet
    return news.type === 'frame' ? describeEvent(news) : news.type
  }

  /** The same of all frames on a link that are older than `epoch`. */
  checkAll(state: PackedState, from: number, to: number, epoch: number): Violation | null {
    const { packets } = this.#universe.contents.entry(state[this.#layout.linkSlot(from, to)]!)
    for (const packet of packets) {
      if (this.#universe.packets.entry(packet).epoch >= epoch) continue
      const violation = this.check(state, from, to, packet)
      if (violation) return violation
    }
    return null
  }
}
