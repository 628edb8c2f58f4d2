import type { Rank } from '../../base/index.ts'
import type { OutputKind } from '../../protocol/index.ts'
import { programCodec } from '../program-codec.ts'

/** What the program has handed to the outside: emitted values, and the result of each process. */
export class Harvest {
  readonly #emitted: unknown[][]
  readonly #results: unknown[]

  constructor(processes: number) {
    this.#emitted = Array.from({ length: processes }, () => [])
    this.#results = Array.from({ length: processes }, () => undefined)
  }

  /** Takes one output in, and returns its value. */
  take(rank: Rank, kind: OutputKind, payload: Uint8Array): unknown {
    const value = programCodec.decode(payload)
    if (kind === 'emit') this.#emitted[rank]?.push(value)
    else this.#results[rank] = value
    return value
  }

  get emitted(): readonly unknown[] {
    return this.#emitted.flat()
  }

  get results(): readonly unknown[] {
    return this.#results
  }
}
