import { assert } from '../../base/index.ts'
import type { TypedArray } from '../../program/index.ts'
import type { InputHead } from '../wire/control.ts'
import { inputConstructors } from '../wire/input-kinds.ts'

/** The input of process 0 while its parts come in, in memory that the program's thread can read without a copy. */
export class InputAssembly {
  /** Resolves when the last part is here. */
  readonly complete: Promise<TypedArray>
  readonly #bytes: Uint8Array
  #missingBytes: number
  #finish: () => void = () => {}

  constructor({ kind, byteLength }: InputHead) {
    assert(Object.hasOwn(inputConstructors, kind), 'the input is a typed array')
    const View = inputConstructors[kind] as (new (
      buffer: SharedArrayBuffer,
    ) => TypedArray) & {
      readonly BYTES_PER_ELEMENT: number
    }
    assert(byteLength % View.BYTES_PER_ELEMENT === 0, 'the input holds whole elements')
    const buffer = new SharedArrayBuffer(byteLength)
    this.#bytes = new Uint8Array(buffer)
    this.#missingBytes = byteLength
    const input = new View(buffer)
    this.complete = new Promise((resolve) => {
      this.#finish = () => resolve(input)
    })
    if (byteLength === 0) this.#finish()
  }

  /** Puts a part in its place; each comes once. */
  add(offset: number, bytes: Uint8Array): void {
    assert(bytes.byteLength <= this.#missingBytes, 'no part of the input comes twice')
    assert(offset + bytes.byteLength <= this.#bytes.byteLength, 'each part lies within the input')
    this.#bytes.set(bytes, offset)
    this.#missingBytes -= bytes.byteLength
    if (this.#missingBytes === 0) this.#finish()
  }
}
