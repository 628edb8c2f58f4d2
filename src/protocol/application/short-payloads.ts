/** Payloads that are too short for a blob of their own, one behind the other in one. */

/** Payloads shorter than this share a blob, since each takes whole pages. */
export const ownBlobBytesMin = 2048

/** Puts short payloads one behind the other. */
export class SharedWriter {
  readonly #parts: Uint8Array[] = []
  #length = 0

  /** Returns the length of the payload. */
  add(payload: Uint8Array): number {
    this.#parts.push(payload)
    this.#length += payload.byteLength
    return payload.byteLength
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      bytes.set(part, at)
      at += part.byteLength
    }
    return bytes
  }
}

/** Takes short payloads in the order in which they were put. Throws when there are no more. */
export class SharedReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  take(length: number): Uint8Array {
    this.#at += length
    if (this.#at > this.#bytes.length) throw new Error("the process's short payloads in its checkpoint are cut off")
    // With bytes of its own: as a view it would keep all the others in memory.
    return this.#bytes.slice(this.#at - length, this.#at)
  }
}
