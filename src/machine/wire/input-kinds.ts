/** The typed arrays that an input can be, by the names of their constructors. */
export const inputConstructors = {
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

/** Which typed array an input is; its constructor's name. */
export type InputKind = keyof typeof inputConstructors

export const inputKinds = Object.keys(inputConstructors) as readonly InputKind[]
