import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/** What programs print goes to stderr: stdout belongs to the run's own outcome. */
const descriptor = 2

/** Takes the launcher's line of progress away, which it draws again. */
const lineCleared = '\r\x1b[2K'

const pauseMs = 1

/**
 * Lets what the program prints in this thread, by `console` or not, come out at once, also in the middle of a step: in
 * whole lines that begin with the process. Returns what to call when a step is over, for a line without an end.
 */
export function markPrinted(rank: number): () => void {
  const clear = isatty(descriptor) && process.env.TERM !== 'dumb' ? lineCleared : ''
  const streams = [process.stdout, process.stderr]
  const lines = streams.map(() => new WholeLines(`process ${rank}: `, (text) => writeAll(clear + text)))
  const endLines = (): void => {
    for (const one of lines) one.end()
  }
  streams.forEach((stream, index) => {
    // Node's own streams hand over what a thread writes when its step has ended.
    const write = (chunk: string | Uint8Array, ...rest: (BufferEncoding | (() => void) | undefined)[]): boolean => {
      const [encoding] = rest
      lines[index]!.add(Buffer.from(chunk as string, typeof encoding === 'string' ? encoding : 'utf8'))
      for (const done of rest) if (typeof done === 'function') done()
      return true
    }
    stream.write = write
  })
  process.on('exit', endLines)
  return endLines
}

/** Cuts what one stream prints into whole lines, each byte of them as it came. */
export class WholeLines {
  readonly #mark: string
  readonly #write: (bytes: string) => void
  /** Bytes without an end of line, as characters up to 255. */
  #rest = ''

  constructor(mark: string, write: (bytes: string) => void) {
    this.#mark = mark
    this.#write = write
  }

  add(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n')
    this.#rest = lines.pop()!
    if (lines.length > 0) this.#write(lines.map((line) => `${this.#mark}${line}\n`).join(''))
  }

  /** Puts an end to a line that has none. */
  end(): void {
    if (this.#rest !== '') this.add(Buffer.from('\n'))
  }
}

function writeAll(bytes: string): void {
  let rest = Buffer.from(bytes, 'latin1')
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      // As before a reader that has gone, or a full disk: nobody could be told.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      // A pipe is full, and the system tells nobody who cannot wait for it when there is room.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  }
}
