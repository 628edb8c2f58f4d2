import { closeSync, openSync, writeSync } from 'node:fs'
import type { ProcessorId } from '../../base/index.ts'
import { messageOf, UsageError } from '../../program/index.ts'
import type { TraceLine } from '../control.ts'

/** The file of --trace: one JSON object a line, for each event and effect of a protocol machine. */
export class TraceFile {
  readonly #path: string
  readonly #onFailed: (text: string) => void
  #file: number | null

  /** Throws a `UsageError` if the file cannot be opened. `onFailed` hears it if writing fails later: the trace ends. */
  constructor(path: string, onFailed: (text: string) => void) {
    this.#path = path
    this.#onFailed = onFailed
    try {
      this.#file = openSync(path, 'w')
    } catch (error) {
      throw new UsageError(`cannot write the trace to ${path}: ${messageOf(error)}`)
    }
  }

  /** `zeroMs`: the moment that counts as 0. */
  write(processor: ProcessorId | null, lines: readonly TraceLine[], zeroMs: number): void {
    if (this.#file === null) return
    const text = lines.map(({ atMs, epoch, place, kind, text }) => {
      const ms = Math.round((atMs - zeroMs) * 1000) / 1000
      return `${JSON.stringify({ ms, processor, place, epoch, [kind]: text })}\n`
    })
    try {
      writeSync(this.#file, text.join(''))
    } catch (error) {
      this.close()
      this.#onFailed(`the trace ends here, ${this.#path} cannot be written: ${messageOf(error)}`)
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}
