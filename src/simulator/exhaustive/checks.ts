/** What must hold in every state, beside what is checked as it happens (see `universe.ts`). */
import type { Violation } from '../oracle/oracle.ts'
import { nameOfMessage } from './application-node.ts'
import type { ConductorEntry, NodeEntry } from './entries.ts'
import { conductorSlot } from './layout.ts'
import type { PackedState } from './move.ts'
import { messageIdsMax } from './renaming.ts'
import type { StateSpace } from './state-space.ts'

export class Checks {
  readonly #space: StateSpace
  readonly #live: NodeEntry[] = []

  constructor(space: StateSpace) {
    this.#space = space
  }

  /** What is wrong with a state, or null. */
  check(state: PackedState): Violation | null {
    const { universe } = this.#space
    const conductor = universe.conductors.entry(state[conductorSlot]!)
    const forgotten = this.#checkUncovered(state, conductor) ?? this.#checkRecycled(state, conductor)
    if (forgotten) return forgotten
    if (!this.#gatherLive(state, conductor)) return null
    const wrong = this.#checkMessages(state, conductor) ?? this.#checkCaptured() ?? this.#checkReleased(conductor)
    if (wrong || conductor.value.outcome !== 'finished') return wrong
    return this.#checkFinished(conductor)
  }

  /** Nobody can go on: the run has ended, or it never will. */
  checkLast(state: PackedState): Violation | null {
    const { phase } = this.#space.universe.conductors.entry(state[conductorSlot]!)
    return phase === 'ended' ? null : { kind: 'STUCK', detail: 'nothing can happen any more but timeouts and crashes' }
  }

  /**
   * V3: only a loss that no code covers ends a run early, and none where files alone keep checkpoints. Plain parity
   * covers one: a process, or both copies of the parity. A place is missing while nobody holds it, or only a spare that
   * has not gone on from what was rebuilt there.
   */
  #checkUncovered(state: PackedState, { applications, checks, value }: ConductorEntry): Violation | null {
    if (value.outcome !== 'uncovered') return null
    const firstSpare = applications.length + checks.length + 1
    const isMissing = (processor: number): boolean =>
      processor === 0 || (processor >= firstSpare && !this.#node(state, processor).goesOn)
    const lost = applications.filter(isMissing).length + (checks.every(isMissing) ? 1 : 0)
    return lost > 1 && checks.length > 0
      ? null
      : { kind: 'LOST', detail: 'the run ended, but the code covers what was missing' }
  }

  /**
   * Checkpoint c is forgotten only when checkpoint and backup processor both hold c + 1. One whose parity is being
   * rebuilt counts for nothing, whatever it still holds: no recovery would ask it.
   */
  #checkRecycled(state: PackedState, { applications, wholeChecks }: ConductorEntry): Violation | null {
    for (const [rank, processor] of applications.entries()) {
      if (processor === 0) continue
      const { floor } = this.#node(state, processor)
      for (const check of wholeChecks) {
        if (check === 0 || this.#node(state, check).holds >= floor) continue
        return { kind: 'LOST', detail: `a${rank} has recycled checkpoint ${floor - 1}, not both copies hold ${floor}` }
      }
    }
    return null
  }

  #node(state: PackedState, processor: number): NodeEntry {
    return this.#space.universe.nodes.entry(state[this.#space.layout.nodeSlot(processor)]!)
  }

  /** The processes by rank, if all of them compute in the conductor's epoch. */
  #gatherLive(state: PackedState, { phase, epoch, applications }: ConductorEntry): boolean {
    if (phase !== 'running' && phase !== 'ended') return false
    this.#live.length = 0
    for (const processor of applications) {
      if (processor === 0) return false
      const node = this.#node(state, processor)
      if (!node.computes || node.epoch !== epoch) return false
      this.#live.push(node)
    }
    return true
  }

  /** No orphan; and what was sent and not consumed is on its way, or has arrived. */
  #checkMessages(state: PackedState, { epoch, applications }: ConductorEntry): Violation | null {
    let [sent, consumed, there] = [0, 0, 0]
    for (const node of this.#live) {
      sent |= node.sent
      consumed |= node.consumed
      there |= node.pending
    }
    if ((consumed & ~sent) !== 0) return { kind: 'ORPHAN', detail: this.#name(consumed & ~sent) }
    if ((sent & ~(consumed | there)) === 0) return null
    for (const from of applications) {
      for (const to of applications) {
        const content = this.#space.universe.contents.entry(state[this.#space.layout.linkSlot(from, to)]!)
        if (content.epoch === epoch) there |= content.messages
      }
    }
    const lost = sent & ~(consumed | there)
    return lost === 0 ? null : { kind: 'LOST', detail: this.#name(lost) }
  }

  #name(mask: number): string {
    const { shape } = this.#space.universe.surroundings
    const ids = Array.from({ length: messageIdsMax }, (_, index) => index + 1)
    return ids
      .filter((id) => (mask & (1 << (id - 1))) !== 0)
      .map((id) => nameOfMessage(shape, id))
      .join(' and ')
  }

  #checkCaptured(): Violation | null {
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (const { captured } of this.#live) {
      least = Math.min(least, captured)
      most = Math.max(most, captured)
    }
    return most - least <= 1 ? null : { kind: 'TOO FAR AHEAD', detail: `captured ${least} and ${most}` }
  }

  /** What was released is what the process, as it is now, has put out. */
  #checkReleased({ released }: ConductorEntry): Violation | null {
    for (const [rank, ids] of released.entries()) {
      const { emitted } = this.#live[rank]!
      if (ids.some((id, index) => emitted[index] !== id)) return { kind: 'TAKEN BACK', detail: `output of a${rank}` }
    }
    return null
  }

  #checkFinished({ released }: ConductorEntry): Violation | null {
    let [sent, consumed] = [0, 0]
    for (const [rank, node] of this.#live.entries()) {
      sent |= node.sent
      consumed |= node.consumed
      if (released[rank]!.length !== node.emitted.length) return { kind: 'LOST', detail: `output of a${rank}` }
    }
    return sent === consumed ? null : { kind: 'LOST', detail: this.#name(sent & ~consumed) }
  }
}
