import { inspect, types } from 'node:util'

/** The first place where two values are not the same, as a path such as `.rows[3]`. */
export interface Difference {
  readonly path: string
  readonly first: unknown
  readonly other: unknown
}

/** Compares all that a program can emit, keep and be done with; null if there is no difference. */
export function differenceBetween(first: unknown, other: unknown): Difference | null {
  return new Comparison().compare(first, other, '')
}

/** A value in one short line. */
export function shown(value: unknown): string {
  const text = inspect(value, {
    depth: 3,
    maxArrayLength: 8,
    maxStringLength: 60,
    breakLength: Number.POSITIVE_INFINITY,
  })
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`
}

class Comparison {
  /** What each object of the first value was compared with: values may have cycles. */
  readonly #seen = new Map<object, object>()

  compare(first: unknown, other: unknown, path: string): Difference | null {
    if (Object.is(first, other)) return null
    const differ = { path, first, other }
    if (!isObject(first) || !isObject(other)) return differ
    if (this.#seen.get(first) === other) return null
    this.#seen.set(first, other)
    if (Object.getPrototypeOf(first) !== Object.getPrototypeOf(other)) return differ
    if (first instanceof Date || first instanceof RegExp || types.isBoxedPrimitive(first)) {
      return inspect(first) === inspect(other) ? null : differ
    }
    if (first instanceof Map) return this.#lists([...first], [...(other as typeof first)], path, differ)
    if (first instanceof Set) return this.#lists([...first], [...(other as typeof first)], path, differ)
    const [left, right] = [elementsOf(first), elementsOf(other)]
    if (left !== null && right !== null) return this.#lists(left, right, path, differ)
    return this.#properties(first, other, path)
  }

  #lists(first: ArrayLike<unknown>, other: ArrayLike<unknown>, path: string, differ: Difference): Difference | null {
    for (let index = 0; index < Math.min(first.length, other.length); index += 1) {
      const found = this.compare(first[index], other[index], `${path}[${index}]`)
      if (found !== null) return found
    }
    if (first.length === other.length) return null
    return { ...differ, path: `${path}.length`, first: first.length, other: other.length }
  }

  #properties(first: object, other: object, path: string): Difference | null {
    const [left, right] = [propertiesOf(first), propertiesOf(other)]
    for (const name of new Set([...left.keys(), ...right.keys()])) {
      const found = this.compare(left.get(name), right.get(name), `${path}.${name}`)
      if (found !== null) return found
    }
    return null
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Errors have what they say, and their cause, where it is not listed. */
function propertiesOf(value: object): Map<string, unknown> {
  const names = ['name', 'message', 'cause'] as const
  const said = value instanceof Error ? names.map((name) => [name, value[name]] as const) : []
  return new Map([...said, ...Object.entries(value)])
}

function elementsOf(value: object): ArrayLike<unknown> | null {
  if (Array.isArray(value)) return value as unknown[]
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (ArrayBuffer.isView(value)) return value as unknown as ArrayLike<unknown>
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null
}
