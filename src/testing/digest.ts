import { createHash } from 'node:crypto'
import { types } from 'node:util'
import type { TypedArray } from '../program/index.ts'

/** A value in short: the same for values that are the same, whatever form the engine keeps them in. */
export interface Digest {
  readonly digest: string
  /** About how much there is to tell of the value; the same for the same value too. */
  readonly size: number
}

/** Null for what no program can keep, such as a function or an object of a class of its own. */
export function digestOf(value: unknown): Digest | null {
  const walk = new Walk()
  try {
    walk.add(value)
  } catch {
    // A getter that throws, or nested too deep: whoever keeps it says so, with the way to it.
    return null
  }
  return walk.isUnknown ? null : walk.end()
}

/** The digest of the elements alone. */
export function digestElements(array: TypedArray): string {
  return new Walk().addBytes(plainBytes(array)).end().digest
}

/** Texts are hashed when so much has come together. */
const partLength = 16_384

/** Writes each value into a hash in one way: names in alphabetical order, what was met before by its number. */
class Walk {
  isUnknown = false
  readonly #hash = createHash('sha1')
  readonly #numbers = new Map<object, number>()
  #text = ''
  #size = 0

  add(value: unknown): void {
    if (typeof value === 'string') this.#write(`s${value.length}:${value}`)
    else if (typeof value === 'number') this.#write(Object.is(value, -0) ? '-0;' : `${value};`)
    else if (typeof value === 'object' && value !== null) this.#addObject(value)
    else if (typeof value === 'function' || typeof value === 'symbol') this.isUnknown = true
    else this.#write(typeof value === 'bigint' ? `${value}n` : `${value},`)
  }

  addBytes(bytes: Uint8Array): this {
    this.#write(`b${bytes.length}:`)
    this.#flush()
    this.#hash.update(bytes)
    this.#size += bytes.length
    return this
  }

  end(): Digest {
    this.#flush()
    return { digest: this.#hash.digest('base64').slice(0, 12), size: this.#size }
  }

  #addObject(value: object): void {
    const known = this.#numbers.get(value)
    if (known === undefined) this.#numbers.set(value, this.#numbers.size)
    if (known !== undefined) this.#write(`=${known};`)
    else if (ArrayBuffer.isView(value)) {
      this.#write(value.constructor.name)
      this.addBytes(plainBytes(value))
    } else if (types.isAnyArrayBuffer(value)) {
      this.addBytes(new Uint8Array(value))
    } else if (Array.isArray(value)) {
      this.#addArray(value)
    } else {
      this.#addOther(value)
    }
  }

  #addOther(value: object): void {
    if (value instanceof Map) this.#addParts('Map', [...value].flat(1))
    else if (value instanceof Set) this.#addParts('Set', [...value])
    else if (value instanceof Error) this.#addParts('Error', [value.name, value.message, value.cause])
    else if (value instanceof Date) this.#write(`Date ${value.getTime()};`)
    else if (value instanceof RegExp) this.#addParts('RegExp', [value.source, value.flags])
    else if (types.isBoxedPrimitive(value)) this.#addParts('Object', [value.valueOf()])
    else {
      this.isUnknown ||= Object.getPrototypeOf(value) !== Object.prototype || types.isProxy(value)
      this.#addNamed('{', Object.keys(value).sort(), value)
    }
  }

  #addArray(array: readonly unknown[]): void {
    const names = Object.keys(array)
    const isDense = names.length === array.length && (array.length === 0 || names.at(-1) === `${array.length - 1}`)
    if (isDense) this.#addParts('[', array)
    else this.#addNamed(`[${array.length};`, names, array)
  }

  #addParts(kind: string, parts: readonly unknown[]): void {
    this.#write(`${kind}${parts.length}:`)
    for (const part of parts) this.add(part)
  }

  #addNamed(kind: string, names: readonly string[], value: object): void {
    this.#write(`${kind}${names.length}:`)
    for (const name of names) {
      this.add(name)
      this.add(Reflect.get(value, name))
    }
  }

  #write(text: string): void {
    this.#size += text.length
    this.#text += text
    if (this.#text.length >= partLength) this.#flush()
  }

  #flush(): void {
    // Not as UTF-8, which has no halves of surrogate pairs.
    this.#hash.update(this.#text, 'utf16le')
    this.#text = ''
  }
}

/** The bytes of a view, with one form of NaN: which of its many forms a computation gives is up to the engine. */
function plainBytes(view: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  if (!(view instanceof Float64Array || view instanceof Float32Array)) return bytes
  let plain: Uint8Array | null = null
  for (let index = 0; index < view.length; index += 1) {
    if (!Number.isNaN(view[index])) continue
    plain ??= bytes.slice()
    plain.fill(0xff, index * view.BYTES_PER_ELEMENT, (index + 1) * view.BYTES_PER_ELEMENT)
  }
  return plain ?? bytes
}
