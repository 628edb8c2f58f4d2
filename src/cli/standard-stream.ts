import { fstatSync } from 'node:fs'
import { writeAtOnce } from '../files/write-at-once.ts'
import type { TextStream } from './surroundings.ts'

/** stdout or stderr. What cannot be written is known at the end, and not lost in silence. */
export class StandardStream implements TextStream {
  readonly #name: 'stdout' | 'stderr'
  readonly #fd: number
  #opened: NodeJS.WriteStream | null = null
  #failure: NodeJS.ErrnoException | null = null

  constructor(name: 'stdout' | 'stderr') {
    this.#name = name
    this.#fd = name === 'stdout' ? 1 : 2
  }

  /** Node makes it when it is first asked for, which takes long where it is a pipe or a terminal. */
  get #stream(): NodeJS.WriteStream {
    this.#opened ??= process[this.#name].on('error', (error) => this.#fail(error))
    return this.#opened
  }

  get isTTY(): boolean {
    return this.#stream.isTTY
  }

  get columns(): number | undefined {
    return this.#stream.columns
  }

  write(text: string): void {
    if (this.#failure !== null) return
    try {
      const isFile = fstatSync(this.#fd).isFile()
      // When a full disk has taken only a part of a text, Node's own stream says that all of it is written.
      if (isFile) writeAtOnce(this.#fd, text)
      else this.#stream.write(text)
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException)
    }
  }

  /** Resolves when all is written, with one line about what could not be; null if all was, or if the reader has gone. */
  async end(): Promise<string | null> {
    await new Promise<void>((resolve) => (this.#opened === null ? resolve() : this.#opened.write('', () => resolve())))
    // As in `paritas programs | head -1`: there is nobody left to tell.
    if (this.#failure === null || this.#failure.code === 'EPIPE') return null
    return (await import('../file-errors/index.ts')).fileError(this.#name, this.#failure).message
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failure ??= error
  }
}
