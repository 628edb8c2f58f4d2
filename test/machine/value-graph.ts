/** One object of a value: what it is and holds, with numbers in place of other objects. */
interface Node {
  readonly kind: string
  /** The number of its prototype, the same in all graphs. */
  readonly prototype: number
  readonly parts: readonly unknown[]
}

/**
 * A value as a list of its objects in the order in which they are met, so that two values are equal only if the same parts
 * are the same objects. With `cut`, views are told by the bytes that they show, and not by the buffers behind them.
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
      parts: partsOf(part, buffers).map(seen),
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

const kindOf = (value: object): string => Object.prototype.toString.call(value)

function partsOf(value: object, buffers: 'whole' | 'cut'): readonly unknown[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value
    if (buffers === 'whole') return [buffer, byteOffset, byteLength]
    return [...new Uint8Array(buffer, byteOffset, byteLength)]
  }
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)]
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Set) return [...value]
  if (value instanceof Date) return [value.getTime()]
  if (value instanceof RegExp) return [value.source, value.flags]
  if (value instanceof Error) return [value.name, value.message, value.stack, value.cause]
  if (['[object Number]', '[object String]', '[object Boolean]', '[object BigInt]'].includes(kindOf(value))) {
    return [value.valueOf()]
  }
  const length = Array.isArray(value) ? [value.length] : []
  return [...length, ...Object.entries(value).flat()]
}
