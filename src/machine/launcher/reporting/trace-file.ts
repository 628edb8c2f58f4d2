import { closeSync, openSync, writeSync } from 'node:fs'
import type { ProcessorId } from '../../../base/index.ts'
import { messageOf, UsageError } from '../../../program/index.ts'
import { recordVersion } from '../../../protocol/index.ts'
import type { TraceLine } from '../../wire/control.ts'

/** Where something happened: a processor and its process of the operating system. */
export interface TracedProcessor {
  readonly id: ProcessorId
  readonly pid: number
}

/**
 * The file of --trace: one JSON object a line, the first for the version, and one for each event and effect of a
 * protocol machine.
 */
export class TraceFile {
  readonly #path: string
  readonly #onFailed: (text: string) => void
  #file: number | null
  /** The moment that counts as 0; null until the program begins, and what happens before waits for it. */
  #zeroMs: number | null = null
  #waiting: { readonly processor: TracedProcessor | null; readonly line: TraceLine }[] = []

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

  /** Sets the moment that counts as 0. */
  begin(zeroMs: number): void {
    this.#zeroMs = zeroMs
    const lines = this.#waiting.map(({ processor, line }) => lineText(processor, line, zeroMs))
    this.#waiting = []
    this.#append(head + lines.join(''))
  }

  /** `processor`: null for the conductor. */
  write(processor: TracedProcessor | null, lines: readonly TraceLine[]): void {
    const zeroMs = this.#zeroMs
    if (zeroMs === null) for (const line of lines) this.#waiting.push({ processor, line })
    else this.#append(lines.map((line) => lineText(processor, line, zeroMs)).join(''))
  }

  /** A run that ends before its program begins counts from its first line. */
  close(): void {
    const first = this.#waiting.reduce((least, { line }) => Math.min(least, line.atMs), Number.POSITIVE_INFINITY)
    if (this.#waiting.length > 0) this.begin(first)
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #append(text: string): void {
    if (this.#file === null || text === '') return
    try {
      writeSync(this.#file, text)
    } catch (error) {
      closeSync(this.#file)
      this.#file = null
      this.#onFailed(`the trace ends here, ${this.#path} cannot be written: ${messageOf(error)}`)
    }
  }
}

const head = `${JSON.stringify({ trace: 'paritas', version: recordVersion })}\n`

function lineText(
  processor: TracedProcessor | null,
  { atMs, epoch, place, kind, what, text }: TraceLine,
  zeroMs: number,
) {
  const ms = Math.round((atMs - zeroMs) * 1000) / 1000
  const { id = null, pid = null } = processor ?? {}
  return `${JSON.stringify({ ms, processor: id, place, epoch, pid, text, [kind]: what })}\n`
}
