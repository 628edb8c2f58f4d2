import type { ProcessorId } from '../../../base/index.ts'
import { messageOf, UsageError } from '../../../base/index.ts'
import { closeOutlet, findFile, type Outlet, openNewOutlet, writeAtOnce, writeText } from '../../../files/index.ts'
import { recordVersion } from '../../../protocol/index.ts'
import type { TraceLine } from '../../wire/control.ts'

/** Where something happened: a processor and its process of the operating system. */
export interface TracedProcessor {
  readonly id: ProcessorId
  readonly pid: number
}

/** A run does not wait for the reader of its trace; what that has not read yet may take so much memory. */
const waitingBytesMax = 256 * 2 ** 20

/**
 * The file of --trace: one JSON object a line, the first for the version, and one for each event and effect of a
 * protocol machine.
 */
export class TraceFile {
  readonly #path: string
  #outlet: Outlet | null
  #onFailed: (text: string) => void = () => {}
  /** The moment that counts as 0; null until the program begins, and what happens before waits for it. */
  #zeroMs: number | null = null
  #waiting: { readonly processor: TracedProcessor | null; readonly line: TraceLine }[] = []

  private constructor(path: string, outlet: Outlet) {
    this.#path = path
    this.#outlet = outlet
  }

  /** Waits for a reader where `path` is a pipe. Throws a `UsageError`, and what `signal` is aborted with. */
  static async open(path: string, signal: AbortSignal): Promise<TraceFile> {
    try {
      return new TraceFile(path, await openNewOutlet(await findFile(path), signal))
    } catch (error) {
      signal.throwIfAborted()
      throw new UsageError(`cannot write the trace to ${path}: ${messageOf(error)}`)
    }
  }

  /** `onFailed` hears it if writing fails: the trace ends. */
  set onFailed(onFailed: (text: string) => void) {
    this.#onFailed = onFailed
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

  /**
   * A run that ends before its program begins counts from its first line. Whoever reads a pipe is waited for, until
   * `signal` is aborted.
   */
  async close(signal: AbortSignal): Promise<void> {
    const first = this.#waiting.reduce((least, { line }) => Math.min(least, line.atMs), Number.POSITIVE_INFINITY)
    if (this.#waiting.length > 0) this.begin(first)
    const outlet = this.#outlet
    if (outlet === null) return
    try {
      if (outlet.kind === 'stream') await writeText(outlet, '', signal)
    } catch (error) {
      if (!signal.aborted) this.#fail(messageOf(error))
    }
    this.#outlet = null
    await closeOutlet(outlet).catch(() => {})
  }

  #append(text: string): void {
    const outlet = this.#outlet
    if (outlet === null || text === '') return
    if (outlet.kind === 'stream') {
      outlet.stream.write(text, (error) => error && this.#fail(messageOf(error)))
      if (outlet.stream.writableLength > waitingBytesMax) this.#fail('its reader is too slow')
      return
    }
    try {
      writeAtOnce(outlet.descriptor, text)
    } catch (error) {
      this.#fail(messageOf(error))
    }
  }

  #fail(why: string): void {
    if (this.#outlet === null) return
    void closeOutlet(this.#outlet).catch(() => {})
    this.#outlet = null
    this.#onFailed(`the trace ends here, ${this.#path} cannot be written: ${why}`)
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
