import { assert, oneLine } from '../base/index.ts'

/** Any of the typed arrays that a memory field, a message or an input can be. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array

const viewOf = {
  f64: Float64Array,
  f32: Float32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
} as const

export type FieldType = keyof typeof viewOf

declare const valueType: unique symbol

/** One number in the memory of a process: read and assigned as `self.memory.name`. */
export interface ScalarField<Value extends number | bigint = number | bigint> {
  readonly type: FieldType
  readonly count: null
  readonly [valueType]?: Value
}

/** A typed array in the memory of a process: `self.memory.name` is the array itself. */
export interface ArrayField<View extends TypedArray = TypedArray> {
  readonly type: FieldType
  readonly count: number
  readonly [valueType]?: View
}

export type Field = ScalarField | ArrayField

/** The memory of a process: its fields by name, in the order in which they lie. */
export type Fields = Readonly<Record<string, Field>>

/** What `self.memory` is, out of the fields that `memory()` returns: numbers that can be assigned, and arrays. */
export type Memory<Definition extends Fields> = {
  [Name in keyof Definition as Definition[Name] extends ScalarField ? Name : never]: FieldValue<Definition[Name]>
} & {
  readonly [Name in keyof Definition as Definition[Name] extends ScalarField ? never : Name]: FieldValue<
    Definition[Name]
  >
}

type FieldValue<Kind extends Field> =
  Kind extends ScalarField<infer Value> ? Value : Kind extends ArrayField<infer View> ? View : never

/** Without arguments: one number, 0 at first. With `count`: an array of `count` numbers, all 0 at first. */
export interface FieldBuilder<Value extends number | bigint, View extends TypedArray> {
  (): ScalarField<Value>
  (count: number): ArrayField<View>
}

/** 64-bit floating point: what JavaScript calls a number. */
export const f64 = fieldBuilder<number, Float64Array>('f64')
/** 32-bit floating point. */
export const f32 = fieldBuilder<number, Float32Array>('f32')
/** Whole numbers from 0 to 255. Larger ones lose their upper bits, as in every typed array. */
export const u8 = fieldBuilder<number, Uint8Array>('u8')
/** Whole numbers from 0 to 65,535. */
export const u16 = fieldBuilder<number, Uint16Array>('u16')
/** Whole numbers from 0 to 4,294,967,295. */
export const u32 = fieldBuilder<number, Uint32Array>('u32')
/** Whole numbers from 0 to 2^64 - 1, as `bigint`. */
export const u64 = fieldBuilder<bigint, BigUint64Array>('u64')
/** Whole numbers from -128 to 127. */
export const i8 = fieldBuilder<number, Int8Array>('i8')
/** Whole numbers from -32,768 to 32,767. */
export const i16 = fieldBuilder<number, Int16Array>('i16')
/** Whole numbers from -2,147,483,648 to 2,147,483,647. */
export const i32 = fieldBuilder<number, Int32Array>('i32')
/** Whole numbers from -2^63 to 2^63 - 1, as `bigint`. */
export const i64 = fieldBuilder<bigint, BigInt64Array>('i64')

function fieldBuilder<Value extends number | bigint, View extends TypedArray>(
  type: FieldType,
): FieldBuilder<Value, View> {
  // The number of arguments decides, so that f64(undefined), a mistyped size, does not pass for one number.
  const build = (...counts: readonly number[]): Field => {
    if (counts.length === 0) return { type, count: null }
    const count = counts[0]!
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`${type}(${count}): the count must be a whole number from 0 on`)
    }
    return { type, count }
  }
  return build as FieldBuilder<Value, View>
}

/** Where one field lies: `offset` in bytes from the start of the program's memory; `count` null for a single number. */
export interface PlacedField {
  readonly type: FieldType
  readonly count: number | null
  readonly offset: number
}

export interface MemoryLayout {
  /** Length of the whole, a multiple of 8. */
  readonly bytes: number
  readonly fields: Readonly<Record<string, PlacedField>>
}

/** Places the fields one behind the other, each on a multiple of 8 bytes. */
export function layoutMemory(fields: Fields): MemoryLayout {
  const placed: Record<string, PlacedField> = {}
  let bytes = 0
  for (const [name, { type, count }] of Object.entries(fields)) {
    placed[name] = { type, count, offset: bytes }
    bytes += Math.ceil(((count ?? 1) * viewOf[type].BYTES_PER_ELEMENT) / 8) * 8
  }
  return { bytes, fields: placed }
}

/**
 * The object that programs know as `self.memory`: its properties read and write the bytes of `buffer` from `byteOffset`
 * (a multiple of 8) on. Assigning to an array field or to a name that is no field throws. `check` is called with the
 * name before a number is assigned and before an array is handed out, and may throw.
 */
export function bindMemory(
  layout: MemoryLayout,
  buffer: ArrayBufferLike,
  byteOffset: number,
  check: (name: string) => void = () => {},
): Record<string, number | bigint | TypedArray> {
  assert(byteOffset % 8 === 0, 'the program memory starts on a multiple of 8 bytes')
  assert(byteOffset + layout.bytes <= buffer.byteLength, 'the program memory fits into its buffer')
  const memory = {}
  for (const [name, { type, count, offset }] of Object.entries(layout.fields)) {
    const View: ViewConstructor = viewOf[type]
    const view = new View(buffer, byteOffset + offset, count ?? 1)
    const property = count === null ? scalar(name, view, check) : array(name, view, check)
    Object.defineProperty(memory, name, { enumerable: true, ...property })
  }
  return Object.preventExtensions(memory)
}

type ViewConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray

function scalar(name: string, view: TypedArray, check: (name: string) => void): PropertyDescriptor {
  return {
    get: () => view[0],
    set: (value: never) => {
      check(name)
      view[0] = value
    },
  }
}

function array(name: string, view: TypedArray, check: (name: string) => void): PropertyDescriptor {
  return {
    get: () => {
      check(name)
      return view
    },
    set: () => {
      const field = `memory.${oneLine(name)}`
      throw new TypeError(`${field} is an array: copy into it with ${field}.set(...) or by index`)
    },
  }
}

/** Whether `value` was made by one of the field builders. */
export function isField(value: unknown): value is Field {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('count' in value)) return false
  return typeof value.type === 'string' && Object.hasOwn(viewOf, value.type)
}

export function isTypedArray(value: unknown): value is TypedArray {
  return Object.values(viewOf).some((View) => value instanceof View)
}
