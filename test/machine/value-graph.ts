import { types } from 'node:util'

/** One object of a value: what it is and holds, with numbers in place of other objects. */
interface Node {
  readonly kind: string
  /** The number of its prototype, the same in all graphs. */
  readonly prototype: number
  readonly parts: readonly unknown[]
}

/**
 * A value as a list of its objects in the order in which they are met, so that two values are equal only if the same parts
 * are the same objects: with all that they hold and all properties, hidden ones and symbols too. With `cut`, views are told
 * by the bytes that they show, and not by the buffers behind them.
 */
export function graphOf(value: unknown, buffers: 'whole' | 'cut' = 'whole'): readonly unknown[] {
  const numbers = new Map<object, number>()
  const nodes: (Node | null)[] = []
  const seen = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return [typeof part, Object.is(part, -0) ? '-0' : part]
    const known = numbers.get(part)
    if (known !== undefined) return known
    const number = nodes.push(null) - 1
    numbers.set(part, number)
    nodes[number] = {
      kind: kindOf(part),
      prototype: prototypeNumber(part),
      parts: [...insideOf(part, buffers), ...propertiesOf(part)].map(seen),
    }
    return number
  }
  return [seen(value), nodes]
}

const prototypes: unknown[] = []

function prototypeNumber(value: object): number {
  const prototype: unknown = Object.getPrototypeOf(value)
  const known = prototypes.indexOf(prototype)
  return known === -1 ? prototypes.push(prototype) - 1 : known
}

/** What it was made as, whatever prototype it has now. */
function kindOf(value: object): string {
  const kinds = Object.entries(types).filter(
    ([, is]) => typeof is === 'function' && (is as (_: object) => boolean)(value),
  )
  return [Array.isArray(value), ...kinds.map(([name]) => name)].join()
}

function insideOf(value: object, buffers: 'whole' | 'cut'): readonly unknown[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value
    if (buffers === 'whole') return [buffer, byteOffset, byteLength]
    return [...new Uint8Array(buffer, byteOffset, byteLength)]
  }
  if (types.isArrayBuffer(value)) return [...new Uint8Array(value)]
  if (types.isMap(value)) return [...Map.prototype.entries.call(value)].flat()
  if (types.isSet(value)) return [...Set.prototype.values.call(value)]
  if (types.isDate(value)) return [Date.prototype.getTime.call(value)]
  if (types.isRegExp(value)) return [value.source, value.flags]
  if (types.isNumberObject(value)) return [Number.prototype.valueOf.call(value)]
  if (types.isStringObject(value)) return [String.prototype.valueOf.call(value)]
  if (types.isBooleanObject(value)) return [Boolean.prototype.valueOf.call(value)]
  return types.isBigIntObject(value) ? [BigInt.prototype.valueOf.call(value)] : []
}

/** Its own properties: of each the key, whether it is shown, and its value or its functions. */
function propertiesOf(value: object): readonly unknown[] {
  const keys = Reflect.ownKeys(value).filter((key) => !(ArrayBuffer.isView(value) && /^\d+$/.test(String(key))))
  // V8 puts those of an error in an order of its own.
  if (types.isNativeError(value)) keys.sort((one, other) => String(one).localeCompare(String(other)))
  return keys.flatMap((key) => {
    const { enumerable, get, set, value: held } = Object.getOwnPropertyDescriptor(value, key)!
    const stack = key === 'stack' && types.isNativeError(value) && get !== undefined ? value.stack : held
    return [key, enumerable, ...(stack === held ? [get, set] : []), stack]
  })
}
