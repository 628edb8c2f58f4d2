/** Reads the binary format of WebAssembly out of a module that has been validated, so nothing breaks off. */
export class ByteReader {
  readonly #bytes: Uint8Array
  position: number

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes
    this.position = position
  }

  byte(): number {
    const byte = this.#bytes[this.position]!
    this.position += 1
    return byte
  }

  /** An unsigned number of up to 32 bits, in LEB128. */
  unsigned(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  /** Passes a number in LEB128, of whatever size and sign. */
  skipNumber(): void {
    while (this.byte() >= 128);
  }

  skip(bytes: number): void {
    this.position += bytes
  }

  /** Bytes that are not ASCII come out as one letter each. */
  name(): string {
    return String.fromCharCode(...this.bytes(this.unsigned()))
  }

  bytes(count: number): Uint8Array {
    this.position += count
    return this.#bytes.subarray(this.position - count, this.position)
  }

  /** A list whose length comes first. */
  vector<Item>(item: (index: number) => Item): Item[] {
    return Array.from({ length: this.unsigned() }, (_, index) => item(index))
  }
}

/** `value` in LEB128. */
export function unsignedBytes(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
