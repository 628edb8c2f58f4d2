import { checkHead, parseTraceLine, TraceError, type TraceRecord } from './record.ts'

/** Longer than any line that is ever written: a file with a longer one is no trace. */
export const lineLengthMax = 1 << 20

/** More records than this take too long to draw, and nobody looks at them. */
export const recordsMax = 1_000_000

/** What a file of `--trace` holds. */
export interface Trace {
  /** In the order of their times; those of one processor in the order in which they happened. */
  readonly records: readonly TraceRecord[]
  /** Number of the last line, where it breaks off: the run, or the writing, was ended in the middle of it. */
  readonly brokenLine: number | null
  /** The file goes on after `recordsMax` lines; those are not read. */
  readonly isCut: boolean
}

/** Reads a trace from pieces of text of any length. `file` is its name, for errors. */
export class TraceReader {
  readonly #file: string
  readonly #records: TraceRecord[] = []
  #rest = ''
  #line = 0
  /** Whether the first line that is not empty, which says the version, has been read. */
  #hasHead = false
  #isCut = false

  constructor(file: string) {
    this.#file = file
  }

  /** True once nothing more of the file is of use. */
  get isFull(): boolean {
    return this.#isCut
  }

  /** Throws a `TraceError` at the first line that is none of a trace. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) this.#read(line)
    if (this.#rest.length > lineLengthMax) throw this.#error(this.#line + 1, 'it is longer than any line of a trace')
  }

  /** Everything that was read. Throws a `TraceError` if that is no trace. */
  end(): Trace {
    const brokenLine = this.#readLast()
    if (this.#records.length === 0) {
      const problem = this.#hasHead ? 'holds no event' : brokenLine === null ? 'is empty' : 'is no trace'
      throw new TraceError(`${this.#file} ${problem}`)
    }
    const records = this.#records.sort((left, right) => left.at - right.at)
    return { records, brokenLine, isCut: this.#isCut }
  }

  /** A last line without its end is read if it is whole. Returns its number if it is not. */
  #readLast(): number | null {
    const line = this.#rest.trim()
    if (line === '' || this.#isCut) return null
    try {
      this.#take(line)
      return null
    } catch {
      return this.#line + 1
    }
  }

  #read(line: string): void {
    this.#line += 1
    if (line === '' || line === '\r') return
    if (this.#records.length === recordsMax) this.#isCut = true
    if (this.#isCut) return
    try {
      this.#take(line)
    } catch (error) {
      throw error instanceof TraceError ? this.#error(this.#line, error.message) : error
    }
  }

  #take(line: string): void {
    if (this.#hasHead) this.#records.push(parseTraceLine(line))
    else checkHead(line)
    this.#hasHead = true
  }

  #error(line: number, problem: string): TraceError {
    const what = this.#hasHead ? 'this is no line of a trace' : 'this is no trace that can be read'
    return new TraceError(`${this.#file}:${line}: ${what}: ${problem}`)
  }
}
