/**
 * A copy of plain data: objects, arrays, maps and sets. What is frozen and all bytes are shared, since nobody changes
 * them: options, rules, frames and payloads.
 */
export function copy<Data>(data: Data): Data {
  return copyOf(data) as Data
}

function copyOf(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array || Object.isFrozen(data)) return data
  if (Array.isArray(data)) return data.map(copyOf)
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, copyOf(value)]))
  if (data instanceof Set) return new Set(data)
  const made: Record<string, unknown> = {}
  for (const key of Object.keys(data)) made[key] = copyOf((data as Record<string, unknown>)[key])
  return made
}

/** Freezes plain data to its bottom, so that copies share it. */
export function freeze<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array || Object.isFrozen(data)) return data
  if (data instanceof Map) for (const value of data.values()) freeze(value)
  else if (!(data instanceof Set)) for (const value of Object.values(data)) freeze(value)
  return Object.freeze(data)
}
