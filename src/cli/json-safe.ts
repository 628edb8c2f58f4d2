/**
 * `value` with nothing in it that JSON drops or cannot say: typed arrays, sets and buffers become arrays, maps objects
 * (or pairs, if a key is no text), bigints texts, NaN and the infinities their names, what is missing null.
 */
export function jsonSafe(value: unknown): unknown {
  return convert(value, [])
}

function convert(value: unknown, within: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (value === undefined || value === null) return null
  if (typeof value !== 'object') return value
  if (within.includes(value)) return '[circular]'
  const inner = [...within, value]
  const all = (values: Iterable<unknown>): unknown[] => Array.from(values, (one) => convert(one, inner))
  const named = (entries: Iterable<readonly [string, unknown]>): object =>
    Object.fromEntries(Array.from(entries, ([name, one]) => [name, convert(one, inner)]))

  if (value instanceof DataView) return all(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (ArrayBuffer.isView(value) || Array.isArray(value) || value instanceof Set) return all(value as Iterable<unknown>)
  if (value instanceof ArrayBuffer) return all(new Uint8Array(value))
  if (value instanceof Map) {
    const entries = [...value]
    const isNamed = entries.every(([key]) => typeof key === 'string')
    return isNamed ? named(entries as [string, unknown][]) : entries.map(all)
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof RegExp) return String(value)
  return named(Object.entries(value))
}
