import { assert } from '../../base/index.ts'
import type { TypedArray } from '../../program/index.ts'
import type { InputHead } from '../control.ts'

const constructors = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
  BigUint64Array,
} as const

/** The input of process 0 while its parts come in, in memory that the program's thread can read without a copy. */
export class InputAssembly {
  /** Resolves when the last part is here. */
  readonly complete: Promise<TypedArray>
  readonly #bytes: Uint8Array
  #missingBytes: number
  #finish: () => void = () => {}

  constructor({ kind, byteLength }: InputHead) {
    const buffer = new SharedArrayBuffer(byteLength)
    this.#bytes = new Uint8Array(buffer)
    this.#missingBytes = byteLength
    assert(kind in constructors, 'the input is a typed array')
    const View = constructors[kind as keyof typeof constructors] as new (buffer: SharedArrayBuffer) => TypedArray
    const input = new View(buffer)
    this.complete = new Promise((resolve) => {
      this.#finish = () => resolve(input)
    })
    if (byteLength === 0) this.#finish()
  }

  /** Puts a part in its place; each comes once. */
  add(offset: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, offset)
    this.#missingBytes -= bytes.byteLength
    if (this.#missingBytes === 0) this.#finish()
  }
}
