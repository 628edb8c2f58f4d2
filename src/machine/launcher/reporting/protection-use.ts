import type { Place } from '../../../protocol/index.ts'
import type { CheckpointFigure, MemoryUse, RunOutcome } from '../../run.ts'
import { Samples } from './samples.ts'

type Captured = Extract<CheckpointFigure, { type: 'captured' }>

/** What checkpoints take beside the program: messages in their logs, and memory of all processors. */
export class ProtectionUse {
  readonly #programBytes: number
  readonly #messages = new Samples()
  readonly #bytes = new Samples()
  /** The most that any holder of a place has told. */
  readonly #held = new Map<Place | `spare ${string}`, number>()

  /** `programBytes`: the memory of all processes together. */
  constructor(programBytes: number) {
    this.#programBytes = programBytes
  }

  captured(place: Place, { loggedMessages, loggedBytes, heldBytes }: Captured): void {
    this.#messages.add(loggedMessages)
    this.#bytes.add(loggedBytes)
    this.holding(place, heldBytes)
  }

  holding(place: Place | `spare ${string}`, bytes: number): void {
    this.#held.set(place, Math.max(bytes, this.#held.get(place) ?? 0))
  }

  outcome(processBytes: MemoryUse['processBytes']): Pick<RunOutcome, 'log' | 'memory'> {
    const sum = (role: string): number =>
      [...this.#held].reduce((bytes, [place, held]) => (place.startsWith(role) ? bytes + held : bytes), 0)
    const memory: MemoryUse = {
      programBytes: this.#programBytes,
      ...{ applicationBytes: sum('a'), checkpointBytes: sum('c'), backupBytes: sum('b') },
      ...{ spareBytes: sum('s'), processBytes },
    }
    return { log: { messages: this.#messages.spread(), bytes: this.#bytes.spread() }, memory }
  }
}
