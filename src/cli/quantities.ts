import { UsageError } from '../base/index.ts'

const msPerUnit = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const
const bytesPerUnit = { b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4 } as const

/** Timers of Node count in 32 bits; a longer one would go off at once. */
const timerMsMax = 2 ** 31 - 1

/** Milliseconds in `500ms`, `1.5s`, `2m`, `44h` or `3d`. `option` names where the text stands, for the `UsageError`. */
export function parseDuration(option: string, text: string, msMax = timerMsMax): number {
  const ms = scaled(text, msPerUnit)
  if (ms === null) {
    throw new UsageError(`${option} must be a duration such as 500ms, 1.5s or 2m, but is '${text}'`)
  }
  if (ms > msMax) {
    throw new UsageError(`${option} must be at most ${Math.floor(msMax / msPerUnit.d)} days, but is '${text}'`)
  }
  return ms
}

/** Bytes in `64MiB`, `512KiB`, `1GiB` or `1048576`. `option` names where the text stands, for the `UsageError`. */
export function parseBytes(option: string, text: string): number {
  const bytes = scaled(/^\d+$/.test(text) ? `${text}B` : text, bytesPerUnit)
  if (bytes === null || !Number.isSafeInteger(Math.round(bytes))) {
    throw new UsageError(`${option} must be a number of bytes such as 64MiB, 512KiB or 1048576, but is '${text}'`)
  }
  return Math.round(bytes)
}

/** The whole number in `text`. `option` names where it stands, for the `UsageError`. */
export function parseWhole(
  option: string,
  text: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= range.min && value <= range.max) return value
  throw new UsageError(`${option} must be a whole number from ${range.min} to ${range.max}, but is '${text}'`)
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+) ?([a-z]+)$/i.exec(text) ?? []
  const scale = units[unit?.toLowerCase() ?? '']
  return digits === undefined || scale === undefined ? null : Number(digits) * scale
}
