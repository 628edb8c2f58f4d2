/** Whole numbers and texts as bytes. Each byte holds 7 bits of a number, lowest first; its top bit says that more follow. */

/** Grows as it is written, and can be used again: what it has given out is a copy. */
export class NumberWriter {
  #bytes = new Uint8Array(1024)
  #length = 0

  /** A whole number from 0 to `Number.MAX_SAFE_INTEGER`. */
  number(value: number): void {
    if (this.#length + bytesOfNumberMax > this.#bytes.length) this.#grow()
    let rest = value
    // Beyond 31 bits shifting would cut it off.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 0x80
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#length++] = rest
  }

  /** Its length, then its UTF-16 code units: one byte each for ASCII. */
  text(text: string): void {
    this.number(text.length)
    for (let index = 0; index < text.length; index += 1) this.number(text.charCodeAt(index))
  }

  /** What was written since the last call. */
  take(): Uint8Array {
    const written = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return written
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** As much as the largest safe number takes. */
const bytesOfNumberMax = 8

/** Reads what a `NumberWriter` has written. Calls `refuse`, which throws, for anything that one never writes. */
export class NumberReader {
  readonly #bytes: Uint8Array
  readonly #refuse: () => never
  #at = 0

  constructor(bytes: Uint8Array, refuse: () => never) {
    this.#bytes = bytes
    this.#refuse = refuse
  }

  number(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < bytesOfNumberMax; count += 1) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return this.#refuse()
      value += (byte & 0x7f) * scale
      scale *= 128
      if (byte > 0x7f) continue
      // Each number has one form only: one of several bytes does not end with a zero.
      const isShortest = byte > 0 || count === 0
      return isShortest && Number.isSafeInteger(value) ? value : this.#refuse()
    }
    return this.#refuse()
  }

  /** How many of something follow, each at least a byte: so never more than bytes are left. */
  count(): number {
    const count = this.number()
    return count <= this.#bytes.length - this.#at ? count : this.#refuse()
  }

  text(): string {
    const units: number[] = []
    for (let left = this.count(); left > 0; left -= 1) {
      const unit = this.number()
      if (unit > 0xffff) this.#refuse()
      units.push(unit)
    }
    let text = ''
    // In pieces: there is a bound to the arguments of a call.
    for (let at = 0; at < units.length; at += 4096) text += String.fromCharCode(...units.slice(at, at + 4096))
    return text
  }

  /** All has been read. */
  end(): void {
    if (this.#at !== this.#bytes.length) this.#refuse()
  }
}
