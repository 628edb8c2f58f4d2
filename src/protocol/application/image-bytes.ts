/** What the blobs of a checkpoint are written with: JSON as bytes, and short payloads in one blob. */

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

/** JSON as bytes; anything beyond ASCII is escaped, so one character is one byte. */
export function asciiBytes(json: string): Uint8Array {
  const ascii = json.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const bytes = new Uint8Array(ascii.length)
  for (let index = 0; index < ascii.length; index += 1) bytes[index] = ascii.charCodeAt(index)
  return bytes
}

export function asciiText(bytes: Uint8Array): string {
  let text = ''
  const stride = 8192
  for (let at = 0; at < bytes.length; at += stride) {
    // Not spread: that would go through an iterator, byte by byte.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + stride) as unknown as number[])
  }
  return text
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
