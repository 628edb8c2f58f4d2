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
  /** Errors whose causes are being looked at: V8 reads an error only after its cause. */
  readonly #unread = new Set<object>()
  #visited = 0
  #depth = 0

  constructor(buffers: Buffers, seen: Set<object> | null) {
    this.#buffers = buffers
    this.#seen = seen
  }

  visit(value: unknown): Refusal | null {
    if (typeof value === 'function') return new Refusal('is a function, and those cannot be copied')
    if (typeof value === 'symbol') return new Refusal('is a symbol, and those cannot be copied')
    if (typeof value !== 'object' || value === null) return null
    if (this.#unread.size > 0 && this.#unread.has(value)) return this.#visitInsideItself()
    if (this.#isKnown(value)) return null
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

  /** An error that its own cause leads back to, on a way of parts that were not seen before. */
  #visitInsideItself(): Refusal | null {
    if (this.#seen !== null) return new Refusal('is an error in its own cause, and could not be read back')
    this.isLost = true
    return null
  }

  #visitObject(value: object): Refusal | null {
    if (types.isProxy(value)) return new Refusal('is a proxy, and those cannot be copied')
    const prototype: unknown = Object.getPrototypeOf(value)
    if (Array.isArray(value)) {
      return prototype === Array.prototype ? this.#visitArray(value) : ofClass(value, 'an array')
    }
    if (prototype === Object.prototype) {
      return this.#visitProperties(value, true) ?? (isOrdinary(value) ? null : disguised())
    }
    if (prototype === null) return new Refusal('has no prototype, and would come back with that of objects')
    if (ArrayBuffer.isView(value)) return this.#visitView(value as BufferView)
    if (prototype === Map.prototype && types.isMap(value)) return this.#visitMap(value)
    if (prototype === Set.prototype && types.isSet(value)) return this.#visitSet(value)
    if (errorPrototypes.has(prototype) && types.isNativeError(value)) return this.#visitError(value)
    return this.#visitLeaf(value, prototype)
  }

  /** Own properties as they are: of a plain object, or of something that would come back without them. */
  #visitProperties(value: object, areKept: boolean, isOwn?: (name: string) => boolean): Refusal | null {
    const [symbol] = Object.getOwnPropertySymbols(value)
    if (symbol !== undefined) return new Refusal(`has the key ${String(symbol)}, and symbols would be lost`)
    for (const name of Object.getOwnPropertyNames(value)) {
      if (isOwn?.(name) === true) continue
      const descriptor = Object.getOwnPropertyDescriptor(value, name)!
      const refusal = areKept ? this.#visitProperty(descriptor) : new Refusal('is an extra property, and would be lost')
      if (refusal !== null) return refusal.under(partOf(name))
    }
    return null
  }

  #visitProperty(descriptor: PropertyDescriptor): Refusal | null {
    if (descriptor.get ?? descriptor.set) return accessor()
    if (!descriptor.enumerable) return new Refusal('is not enumerable, and would be lost')
    return this.visit(descriptor.value)
  }

  #visitArray(array: readonly unknown[]): Refusal | null {
    const isShort = array.length <= shortLength
    if (isShort ? !hasElementsOnly(array) : hasNames(array)) return this.#visitSparseArray(array)
    for (let index = 0; index < array.length; index += 1) {
      const element = array[index]
      if (typeof element === 'number' || typeof element === 'string') continue
      if (element === undefined && !Object.hasOwn(array, index)) return this.#visitSparseArray(array)
      const refusal = this.visit(element)
      if (refusal !== null) return refusal.under(`[${index}]`)
    }
    return null
  }

  /** By its names: what is not there takes no time, as when it is written. */
  #visitSparseArray(array: readonly unknown[]): Refusal | null {
    return this.#visitProperties(array, true, isLength)
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
    if (!Object.hasOwn(error, 'stack')) return new Refusal('has no stack, and would come back with an empty one')
    const extra = this.#visitProperties(error, false, (name) => errorNames.includes(name))
    if (extra !== null) return extra
    for (const name of errorNames) {
      const refusal = this.#visitErrorPart(error, name)
      if (refusal !== null) return refusal.under(partOf(name))
    }
    return null
  }

  #visitErrorPart(error: Error, name: string): Refusal | null {
    const part = Object.getOwnPropertyDescriptor(error, name)
    if (part === undefined) return null
    if (part.enumerable) {
      const advice = name === 'cause' ? ': give it to the constructor, as in new Error(text, { cause })' : ''
      return new Refusal(`is enumerable, and would come back hidden${advice}`)
    }
    // Where V8 has an accessor for it, that of a fresh error.
    const isStack = name === 'stack' && part.get === stackGetter
    if (!isStack && (part.get ?? part.set)) return accessor()
    if (name === 'cause') return this.#visitCause(error, part.value)
    const value: unknown = isStack ? error.stack : part.value
    const isKept = typeof value === 'string' || (name === 'stack' && value === undefined)
    return isKept ? null : new Refusal(`is ${describeValue(value)}, and would not come back: an error has a text there`)
  }

  #visitCause(error: Error, cause: unknown): Refusal | null {
    this.#unread.add(error)
    const refusal = this.visit(cause)
    this.#unread.delete(error)
    return refusal
  }

  #visitView(view: BufferView): Refusal | null {
    if (!isViewOf(Object.getPrototypeOf(view), view)) return ofClass(view, 'a typed array')
    // First: any of them may hide a property of the class.
    const extra = hasViewNames(view) ? this.#visitProperties(view, false, isIndex) : null
    return extra ?? this.#visitViewedBuffer(view)
  }

  #visitViewedBuffer(view: BufferView): Refusal | null {
    const { buffer } = view
    if (isResizable(buffer))
      return new Refusal('is on a buffer that can be resized, and would come back on a fixed one')
    if (isDetached(buffer)) return new Refusal('is on a buffer that was transferred, and nothing of it is left')
    if (this.#buffers === 'cut') this.#note(view)
    else if (!types.isArrayBuffer(buffer)) {
      const advice = 'read the memory when it is needed, or keep a copy made by .slice()'
      return new Refusal(
        `is on memory that others use too, such as self.memory, and would come back as a copy: ${advice}`,
      )
    } else {
      const refusal = Object.getPrototypeOf(buffer) === ArrayBuffer.prototype ? null : ofClass(buffer, 'a buffer')
      return (refusal ?? this.#visitProperties(buffer, false))?.under('.buffer') ?? null
    }
    return null
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
      if (isDetached(value)) return new Refusal('is a buffer that was transferred, and nothing of it is left')
      this.bareBuffers.add(value)
    } else if (prototype === RegExp.prototype && types.isRegExp(value)) {
      if (value.lastIndex !== 0) return new Refusal('is a RegExp with a lastIndex, and that would be lost')
      return this.#visitProperties(value, false, (name) => name === 'lastIndex')
    } else if (prototype === String.prototype && types.isStringObject(value)) {
      return this.#visitProperties(value, false, (name) => isLength(name) || Number(name) < value.length)
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
/** What an error may have. The stack is made of the others when it is first read, and so comes last. */
const errorNames = ['message', 'cause', 'stack']
const stackGetter = Object.getOwnPropertyDescriptor(new Error(), 'stack')?.get

const isLength = (name: string): boolean => name === 'length'
const isIndex = (name: string): boolean => /^(0|[1-9]\d*)$/.test(name)

/** The classes of views that can cross, in the order of their numbers in encoded values. */
export const viewClasses = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView, Buffer],
] as const
/** For each of their prototypes, what the language calls views of that class. */
const viewTags = new Map<unknown, string | undefined>([
  ...viewClasses.map(({ prototype, name }): [unknown, string] => [prototype, name]),
  [DataView.prototype, undefined],
  [Buffer.prototype, 'Uint8Array'],
])
const viewTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!

/** Whether it is such a view, and not one of another class with that prototype. */
function isViewOf(prototype: unknown, view: BufferView): boolean {
  return viewTags.has(prototype) && Reflect.apply(viewTag, view, []) === viewTags.get(prototype)
}

/** Whether V8 writes it as an object, and not in a form of its own. Views are seen when they are written. */
function isOrdinary(value: object): boolean {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false
  const isOther = types.isMap(value) || types.isSet(value) || types.isArrayBuffer(value)
  return !isOther && !types.isBigIntObject(value)
}

function disguised(): Refusal {
  return new Refusal('has been given the prototype of objects, and would come back with its own')
}

function accessor(): Refusal {
  return new Refusal('is an accessor, and would come back as a plain value')
}

function ofClass(value: object, asWhat: string): Refusal {
  return new Refusal(`is ${describeValue(value)}, and would not come back as ${asWhat} of that class`)
}

/** Whether a short array has nothing but plain elements. */
function hasElementsOnly(array: readonly unknown[]): boolean {
  if (Object.getOwnPropertyNames(array).length !== array.length + 1) return false
  for (let index = 0; index < array.length; index += 1) {
    const descriptor = Object.getOwnPropertyDescriptor(array, index)
    // There may be as many other names as there are holes.
    if (!descriptor?.enumerable || descriptor.get !== undefined || descriptor.set !== undefined) return false
  }
  return Object.getOwnPropertySymbols(array).length === 0
}

/** Whether a view has properties of its own beside its elements, which come first among its names. */
function hasViewNames(view: BufferView): boolean {
  if ('length' in view && view.length > shortLength) return hasNames(view)
  const names = Object.getOwnPropertyNames(view)
  const hasOthers = names.length > 0 && names.at(-1) !== String(names.length - 1)
  return hasOthers || Object.getOwnPropertySymbols(view).length > 0
}

/** Whether a long array of any kind has more than its elements, hidden or not. To list its names would take long. */
function hasNames(array: object): boolean {
  bareListings ??= new Set(bareArrays().map(listingOf))
  return !bareListings.has(listingOf(array))
}

let bareListings: ReadonlySet<string> | null = null

function bareArrays(): object[] {
  const length = shortLength + 1
  const classes = viewClasses.filter((View) => View !== DataView && View !== Buffer) as (typeof Uint8Array)[]
  const views = classes.flatMap((View) => [
    new View(length),
    new View(new SharedArrayBuffer(View.BYTES_PER_ELEMENT * length)),
  ])
  return [Array.from({ length }), Buffer.alloc(length), Buffer.from(new SharedArrayBuffer(length)), ...views]
}

/** All properties but the elements, without any numbers. Hidden ones of a `Buffer` take several times as long to find. */
function listingOf(array: object): string {
  const showHidden = !Buffer.isBuffer(array)
  return inspect(array, { showHidden, maxArrayLength: 0, customInspect: false, depth: 0 }).replace(/\d+/g, '')
}

/** Whether what it held was given to somebody else. */
function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false
  try {
    return new Uint8Array(buffer).length > 0
  } catch {
    return true
  }
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
