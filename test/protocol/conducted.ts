import { processorId } from '../../src/base/index.ts'
import type { ErasureCode } from '../../src/parity/index.ts'
import {
  applicationPlace,
  type ConductorEffect,
  type ConductorEvent,
  createConductor,
  type DiskCheckpoint,
  describeEffect,
  type Frame,
  type Place,
  stepConductor,
} from '../../src/protocol/index.ts'

export const processes = 2
/** What a process tells of the file that it has written. */
export const file = { bytes: 100, checksum: 7, isFull: true }

/** The conductor of a machine of two processes that keeps checkpoints on disk; the machine is whole and runs. */
export class Conducted {
  readonly state
  #started = 0

  /** `every`: one in so many checkpoints is written; `whole`: what is on disk already. */
  constructor(code: ErasureCode | null, every: number, whole: readonly DiskCheckpoint[] = []) {
    const storage = { every, isIncremental: true, whole, lastSequence: whole.length }
    this.state = createConductor({ processes, code, storage })
    for (let count = this.state.members.size; count > 0; count -= 1) this.spare()
    this.restoreAll()
  }

  tell(event: ConductorEvent): string[] {
    return this.effects(event).map(describeEffect)
  }

  effects(event: ConductorEvent): readonly ConductorEffect[] {
    return stepConductor(this.state, event)
  }

  spare(): string[] {
    this.#started += 1
    return this.tell({ type: 'ready', processor: processorId(this.#started), host: null })
  }

  hear(from: Place, frame: Frame): string[] {
    const processor = this.state.members.get(from)!
    return this.tell({ type: 'frame', processor, epoch: this.state.epoch, from, frame })
  }

  lose(place: Place): string[] {
    return this.tell({ type: 'lost', processor: this.state.members.get(place)! })
  }

  restoreAll(): string[] {
    return [...this.state.members.keys()].flatMap((place) => this.hear(place, { type: 'restored' }))
  }

  /** Both processes have written what was ordered. */
  storeAll(committed: number): string[] {
    const { sequence } = this.state.storage!.order!
    const stored = { type: 'stored', sequence, committed, released: 3, isFinished: false, file } as const
    return [0, 1].flatMap((rank) => this.hear(applicationPlace(rank), stored))
  }

  /** A checkpoint is whole. */
  seal(committed: number): string[] {
    this.storeAll(committed)
    return this.tell({ type: 'sealed', sequence: this.state.storage!.order!.sequence })
  }

  /** Both processes are lost, and there are spares for them. */
  loseTwo(): string[] {
    return [...this.lose('a0'), ...this.lose('a1'), ...this.spare(), ...this.spare()]
  }
}
