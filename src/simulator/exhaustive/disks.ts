import { assert } from '../../base/index.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { DiskStep } from './entries.ts'
import { diskSlot, type StateLayout } from './layout.ts'
import type { PackedState } from './move.ts'
import type { DiskOrder, DiskValue } from './node.ts'
import { afterPowerCuts, type DiskChange, findFile, finishOrder, judge } from './symbolic-disk.ts'
import type { Universe } from './universe.ts'

/** What happens to the disk in states of a world; each change of it is computed once and then looked up. */
export class Disks {
  readonly #universe: Universe
  readonly #layout: StateLayout

  constructor(universe: Universe, layout: StateLayout) {
    this.#universe = universe
    this.#layout = layout
  }

  get #checkpoints(): Checkpoints {
    return this.#universe.surroundings.checkpoints
  }

  /** Does what an end has ordered. Returns what is wrong with that, or null. */
  carryOut(after: PackedState, packet: number): Violation | null {
    if (this.#universe.packets.entry(packet).packet.type === 'read') return null
    return this.#change(after, -1 - packet, (value) => finishOrder(value, this.#order(packet), this.#checkpoints))
  }

  /** What comes to whoever gave an order when it is carried out: the order, with the file in it that was to be read. */
  answer(state: PackedState, packet: number): number {
    const order = this.#universe.packets.entry(packet).packet
    if (order.type !== 'read') return packet
    return this.#universe.packet({ ...order, found: findFile(this.#value(state), order.sequence, order.rank) })
  }

  /** What is wrong, as the disk is now, with what the conductor does. */
  judge(after: PackedState, observation: number): Violation | null {
    const seen = this.#universe.conducted(observation)
    return this.#change(after, observation, (value) => judge(value, seen, this.#checkpoints))
  }

  #change(after: PackedState, key: number, make: (value: DiskValue) => DiskChange): Violation | null {
    const { value, steps } = this.#universe.disks.entry(after[diskSlot]!)
    const step = steps.get(key) ?? this.#step(make(value))
    steps.set(key, step)
    after[diskSlot] = step.next
    return step.violation
  }

  /** The different disks that a power cut may leave now. */
  afterPowerCuts(state: PackedState): readonly DiskStep[] {
    const packets = this.#beingWritten(state)
    const { value, cuts } = this.#universe.disks.entry(state[diskSlot]!)
    const key = packets.join()
    const known = cuts.get(key)
    if (known) return known
    const changes = afterPowerCuts(
      value,
      packets.map((packet) => this.#order(packet)),
    ).map((one) => this.#step(one))
    const steps = [...new Map(changes.map((step) => [step.next, step])).values()]
    cuts.set(key, steps)
    return steps
  }

  #beingWritten(state: PackedState): number[] {
    const { contents, packets } = this.#universe
    const ends = Array.from({ length: this.#layout.ends }, (_, end) => end)
    const ordered = ends.flatMap((end) => contents.entry(state[this.#layout.linkSlot(end, end)]!).packets)
    return ordered.filter((packet) => packets.entry(packet).packet.type !== 'read')
  }

  filesOf({ next }: DiskStep): string[] {
    return [...this.#universe.disks.entry(next).value.names.keys()]
  }

  #value(state: PackedState): DiskValue {
    return this.#universe.disks.entry(state[diskSlot]!).value
  }

  #step({ value, violation }: DiskChange): DiskStep {
    return { next: this.#universe.disk(value), violation }
  }

  #order(packet: number): DiskOrder {
    const order = this.#universe.packets.entry(packet).packet
    assert(order.type === 'write' || order.type === 'seal', 'the disk is told to write')
    return order
  }
}
