import { DamagedFileError } from './damaged-file.ts'
import type { Folder } from './folder.ts'

export const readAheadBytes = 2 ** 20

/** Reads a file from its beginning to its end, in large pieces. */
export class SequentialFile {
  readonly name: string
  readonly #folder: Folder
  #offset = 0
  #ahead: Uint8Array = new Uint8Array(0)

  constructor(folder: Folder, name: string) {
    this.#folder = folder
    this.name = name
  }

  /** The next bytes. Throws a `DamagedFileError` if the file ends before. */
  async take(bytes: number): Promise<Uint8Array> {
    if (this.#ahead.length < bytes) {
      const more = await this.#folder.read(
        this.name,
        this.#offset,
        Math.max(readAheadBytes, bytes) - this.#ahead.length,
      )
      this.#offset += more.length
      const joined = new Uint8Array(this.#ahead.length + more.length)
      joined.set(this.#ahead)
      joined.set(more, this.#ahead.length)
      this.#ahead = joined
    }
    if (this.#ahead.length < bytes) throw new DamagedFileError(this.name, 'it is cut off')
    const taken = this.#ahead.subarray(0, bytes)
    this.#ahead = this.#ahead.subarray(bytes)
    return taken
  }
}
