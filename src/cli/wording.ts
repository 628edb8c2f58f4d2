import type { Spread } from '../machine/index.ts'

/** `0.42 ms`, `8.1 ms`, `42 ms`, `2.51 s`, `3 min 20 s` or `5 h 2 min`. */
export function inTime(ms: number): string {
  if (ms < 999.5) return `${significant(ms)} ms`
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The least and the greatest: `0.90 ms to 4.2 ms`. */
export function inRange({ min, max }: Spread): string {
  return `${inTime(min)} to ${inTime(max)}`
}

/** `1 spare`, `2 spares`. */
export function counted(count: number, noun: string): string {
  const plural = noun.endsWith('s') ? `${noun}es` : `${noun}s`
  return `${count} ${count === 1 ? noun : plural}`
}

/** Rows as text: each column as wide as its widest cell, a gap in between, none at the end of a line. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd(),
  )
}

function significant(value: number): string {
  if (value >= 9.95 || value === 0) return value.toFixed(0)
  return value >= 0.995 ? value.toFixed(1) : value.toFixed(2)
}
