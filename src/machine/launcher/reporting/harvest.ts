import type { Rank } from '../../../base/index.ts'
import type { OutputKind, OutputMark } from '../../../protocol/index.ts'
import { programCodec } from '../../program/program-codec.ts'

interface Output {
  readonly rank: Rank
  /** Among all outputs of the rank, its result being the last. */
  readonly index: number
  readonly kind: OutputKind
  readonly payload: Uint8Array
}

/** What the program has handed to the outside: emitted values, and the result of each process. */
export class Harvest {
  readonly #emitted: unknown[][]
  /** How many values each rank has ever emitted, also those that were taken back. */
  readonly #seen: number[]
  readonly #results: unknown[]

  constructor(processes: number) {
    this.#emitted = Array.from({ length: processes }, () => [])
    this.#seen = this.#emitted.map(() => 0)
    this.#results = Array.from({ length: processes }, () => undefined)
  }

  /** Takes one output in. Returns its value, and whether it is an emitted one or a line that comes for the first time. */
  take({ rank, index, kind, payload }: Output): { readonly value: unknown; readonly isNews: boolean } {
    const value = programCodec.decode(payload)
    if (kind === 'done') {
      this.#results[rank] = value
      // Nothing comes behind a result: what stands there was taken back, and there were fewer outputs this time.
      const emitted = this.#emitted[rank]!
      emitted.length = Math.min(emitted.length, index)
      return { value, isNews: false }
    }
    // The numbers of lines stay empty, and are passed over when the values are looked at.
    if (kind === 'emit') this.#emitted[rank]![index] = value
    else delete this.#emitted[rank]![index]
    const isNews = index >= this.#seen[rank]!
    if (isNews) this.#seen[rank] = index + 1
    return { value, isNews }
  }

  /** Everybody is back at a checkpoint on disk: what was put out since then will come again, perhaps otherwise. */
  takeBack(marks: readonly OutputMark[]): void {
    for (const [rank, { released, isFinished }] of marks.entries()) {
      const emitted = this.#emitted[rank]!
      emitted.length = Math.min(emitted.length, released)
      if (!isFinished) this.#results[rank] = undefined
    }
  }

  get emitted(): readonly unknown[] {
    return this.#emitted.flat()
  }

  get results(): readonly unknown[] {
    return this.#results
  }
}
