import { inspect, types } from 'node:util'
import { describeValue } from '../../base/index.ts'
import type { Buffers } from '../../program/index.ts'

/** Any view on a buffer: a typed array or a `DataView`. */
export type BufferView = NodeJS.TypedArray | DataView

/** What an inspection has found to be all right, as far as encoding needs to know it. */
export interface Inspected {
  /** The views on each buffer, in `cut` only; one may be listed twice. */
  readonly views: ReadonlyMap<ArrayBufferLike, readonly BufferView[]>
  /** Buffers that are part of the value themselves, and not only through views. */
  readonly bareBuffers: ReadonlySet<ArrayBufferLike>
}

/**
 * Looks whether `value` comes out of its encoded form as it goes in, and throws a `TypeError` with the path of the first
 * part that would not: `vars.queue[3] is an object of class Point, …`. `name` is where paths begin.
 */
export function inspectCloneable(value: unknown, name: string, buffers: Buffers): Inspected {
  const quick = new Inspection(buffers, null)
  const quickRefusal = quick.visit(value)
  const inspection = quick.isLost ? new Inspection(buffers, new Set()) : quick
  const refusal = quick.isLost ? inspection.visit(value) : quickRefusal
  if (refusal !== null) throw new TypeError(refusal.under(name).toString())
  return inspection
}

/** A part of the value that cannot cross, and the way to it, which grows from its end to its beginning. */
class Refusal {
  readonly #reason: string
  readonly #path: string[] = []

  constructor(reason: string) {
    this.#reason = reason
  }

  under(part: string): Refusal {
    this.#path.push(part)
    return this
  }

  toString(): string {
    const parts = this.#path.reverse()
    const path = parts.length > 20 ? [...parts.slice(0, 10), '…', ...parts.slice(-5)] : parts
    return `${path.join('')} ${this.#reason}`
  }
}

/** Both ends fit into any thread's stack with it: reading takes more of that than writing. */
const depthMax = 1000
/** A value beyond one of these may have cycles, or share much, and is looked through with a note of what was seen. */
const unnotedDepthMax = 50
const unnotedMax = 100_000
/** Longer arrays have their elements read as values, since to describe each takes longer than to encode it. */
const shortLength = 16

class Inspection implements Inspected {
  readonly views = new Map<ArrayBufferLike, BufferView[]>()
  readonly bareBuffers = new Set<ArrayBufferLike>()
  /** Nothing is known of the value: it is to be inspected with a note of what was seen. */
  isLost = false
  readonly #buffers: Buffers
  readonly #seen: Set<object> | null
  #visited = 0
  #depth = 0

  constructor(buffers: Buffers, seen: Set<object> | null) {
    this.#buffers = buffers
    this.#seen = seen
  }

  visit(value: unknown): Refusal | null {
    if (typeof value === 'function') return new Refusal('is a function, and those cannot be copied')
    if (typeof value === 'symbol') return new Refusal('is a symbol, and those cannot be copied')
    if (typeof value !== 'object' || value === null || this.#isKnown(value)) return null
    if (this.#depth === depthMax) return new Refusal(`is nested deeper than ${depthMax} levels`)
    this.#depth += 1
    const refusal = this.#visitObject(value)
    this.#depth -= 1
    return refusal
  }

  /** Whether there is nothing more to find in it: what is shared is looked at once, and cycles end. */
  #isKnown(value: object): boolean {
    this.#visited += 1
    if (this.#seen === null) {
      this.isLost ||= this.#visited > unnotedMax || this.#depth > unnotedDepthMax
      return this.isLost
    }
    if (this.#seen.has(value)) return true
    this.#seen.add(value)
    return false
  }

  #visitObject(value: object): Refusal | null {
    if (types.isProxy(value)) return new Refusal('is a proxy, and those cannot be copied')
    const prototype: unknown = Object.getPrototypeOf(value)
    if (Array.isArray(value)) {
      return prototype === Array.prototype ? this.#visitArray(value) : ofClass(value, 'an array')
    }
    if (prototype === Object.prototype) return this.#visitProperties(value, true)
    if (prototype === null) return new Refusal('has no prototype, and would come back with that of objects')
    if (ArrayBuffer.isView(value)) return this.#visitView(value as BufferView)
    if (prototype === Map.prototype && types.isMap(value)) return this.#visitMap(value)
    if (prototype === Set.prototype && types.isSet(value)) return this.#visitSet(value)
    if (errorPrototypes.has(prototype) && types.isNativeError(value)) return this.#visitError(value)
    return this.#visitLeaf(value, prototype)
  }

  /** Own properties as they are: of a plain object, or of something that would come back without them. */
  #visitProperties(value: object, areKept: boolean, ownNames?: ReadonlySet<string>): Refusal | null {
    const [symbol] = Object.getOwnPropertySymbols(value)
    if (symbol !== undefined) return new Refusal(`has the key ${String(symbol)}, and symbols would be lost`)
    for (const name of Object.getOwnPropertyNames(value)) {
      if (ownNames?.has(name)) continue
      const descriptor = Object.getOwnPropertyDescriptor(value, name)!
      const refusal = areKept ? this.#visitProperty(descriptor) : new Refusal('is an extra property, and would be lost')
      if (refusal !== null) return refusal.under(partOf(name))
    }
    return null
  }

  #visitProperty(descriptor: PropertyDescriptor): Refusal | null {
    if (descriptor.get ?? descriptor.set) return new Refusal('is an accessor, and would come back as a plain value')
    if (!descriptor.enumerable) return new Refusal('is not enumerable, and would be lost')
    return this.visit(descriptor.value)
  }

  #visitArray(array: readonly unknown[]): Refusal | null {
    const isShort = array.length <= shortLength
    if (isShort ? !hasElementsOnly(array) : hasNames(array)) return this.#visitProperties(array, true, arrayNames)
    for (let index = 0; index < array.length; index += 1) {
      const element = array[index]
      if (typeof element === 'number' || typeof element === 'string') continue
      const refusal = this.visit(element)
      if (refusal !== null) return refusal.under(`[${index}]`)
    }
    return null
  }

  #visitMap(map: ReadonlyMap<unknown, unknown>): Refusal | null {
    let index = 0
    for (const [key, value] of map) {
      const refusal = this.visit(key)?.under(`.keys()[${index}]`) ?? this.visit(value)?.under(`.get(${keyText(key)})`)
      if (refusal !== undefined) return refusal
      index += 1
    }
    return this.#visitProperties(map, false)
  }

  #visitSet(set: ReadonlySet<unknown>): Refusal | null {
    let index = 0
    for (const value of set) {
      const refusal = this.visit(value)
      if (refusal !== null) return refusal.under(`.values()[${index}]`)
      index += 1
    }
    return this.#visitProperties(set, false)
  }

  #visitError(error: Error): Refusal | null {
    return this.visit(error.cause)?.under('.cause') ?? this.#visitProperties(error, false, errorNames)
  }

  #visitView(view: BufferView): Refusal | null {
    if (!viewPrototypes.has(Object.getPrototypeOf(view))) return ofClass(view, 'a typed array')
    const { buffer } = view
    if (isResizable(buffer))
      return new Refusal('is on a buffer that can be resized, and would come back on a fixed one')
    if (this.#buffers === 'cut') this.#note(view)
    else if (!types.isArrayBuffer(buffer)) {
      const advice = 'read the memory when it is needed, or keep a copy made by .slice()'
      return new Refusal(
        `is on memory that others use too, such as self.memory, and would come back as a copy: ${advice}`,
      )
    }
    const length = types.isDataView(view) ? 0 : view.length
    const hasExtras = length <= shortLength ? Object.getOwnPropertyNames(view).length > length : hasNames(view)
    return hasExtras
      ? this.#visitProperties(view, false, new Set(Array.from({ length }, (_, index) => `${index}`)))
      : null
  }

  #note(view: BufferView): void {
    const views = this.views.get(view.buffer)
    if (views === undefined) this.views.set(view.buffer, [view])
    else views.push(view)
  }

  /** What has nothing inside. */
  #visitLeaf(value: object, prototype: unknown): Refusal | null {
    if (prototype === ArrayBuffer.prototype && types.isArrayBuffer(value)) {
      if (isResizable(value)) return new Refusal('can be resized, and would come back as a fixed buffer')
      this.bareBuffers.add(value)
    } else if (prototype === RegExp.prototype && types.isRegExp(value)) {
      if (value.lastIndex !== 0) return new Refusal('is a RegExp with a lastIndex, and that would be lost')
      return this.#visitProperties(value, false, regExpNames)
    } else if (prototype === String.prototype && types.isStringObject(value)) {
      return Object.getOwnPropertyNames(value).length > value.length + 1 ? new Refusal('has extra properties') : null
    } else if (!isPlainLeaf(value, prototype)) {
      return ofClass(value, 'an object')
    }
    return this.#visitProperties(value, false)
  }
}

function isPlainLeaf(value: object, prototype: unknown): boolean {
  if (prototype === Date.prototype) return types.isDate(value)
  if (prototype === Number.prototype) return types.isNumberObject(value)
  if (prototype === Boolean.prototype) return types.isBooleanObject(value)
  return prototype === BigInt.prototype && types.isBigIntObject(value)
}

/** Errors of other names come back as plain ones. */
const errorPrototypes = new Set<unknown>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(({ prototype }) => prototype),
)
const errorNames = new Set(['stack', 'message', 'cause'])
const arrayNames = new Set(['length'])
const regExpNames = new Set(['lastIndex'])

/** The classes of views that can cross, in the order of their numbers in encoded values. */
export const viewClasses = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView, Buffer],
] as const
const viewPrototypes = new Set<unknown>(viewClasses.map(({ prototype }) => prototype as unknown))

function ofClass(value: object, asWhat: string): Refusal {
  return new Refusal(`is ${describeValue(value)}, and would not come back as ${asWhat} of that class`)
}

/** Whether a short array has nothing but plain elements. */
function hasElementsOnly(array: readonly unknown[]): boolean {
  if (Object.getOwnPropertyNames(array).length !== array.length + 1) return false
  for (let index = 0; index < array.length; index += 1) {
    const { enumerable, get, set } = Object.getOwnPropertyDescriptor(array, index)!
    if (!enumerable || get !== undefined || set !== undefined) return false
  }
  return Object.getOwnPropertySymbols(array).length === 0
}

/** Whether an array of any kind has more than its elements. To list its names takes long, if it is long. */
function hasNames(array: object & { readonly length?: number }): boolean {
  const text = inspect(array, { maxArrayLength: 0, customInspect: false, depth: 0 })
  return !text.endsWith(`[ ... ${array.length} more items ]`) || Object.getOwnPropertySymbols(array).length > 0
}

function isResizable(buffer: ArrayBufferLike & { readonly resizable?: boolean; readonly growable?: boolean }): boolean {
  return buffer.resizable === true || buffer.growable === true
}

function partOf(name: string): string {
  if (/^(0|[1-9]\d*)$/.test(name)) return `[${name}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

function keyText(key: unknown): string {
  if (typeof key === 'bigint') return `${key}n`
  const isOdd = typeof key === 'string' && /['\\\p{Cc}]/u.test(key)
  return isOdd ? JSON.stringify(key) : describeValue(key)
}
