// What every reader of matrices makes, and what it refuses.
import { UsageError } from 'paritas'
import { inShort } from '../numbers/read-number.ts'

/** A square matrix, row by row. */
export interface Matrix {
  readonly side: number
  readonly values: Float64Array
}

/** Throws a `UsageError` unless the shape is a square that is neither empty nor too large. */
export function checkShape(where: string, rows: number, columns: number, sideMax: number): void {
  if (rows !== columns) {
    throw new UsageError(`${where}: the matrix must be square, but has ${rows} rows and ${columns} columns`)
  }
  if (rows < 1 || rows > sideMax) {
    throw new UsageError(`${where}: the matrix must have 1 to ${sideMax} rows, but has ${rows}`)
  }
}

/** The greatest magnitude with which no sum of products can overflow. */
export const magnitudeMax = 1e145

/** `value`, if it is one to compute with. Throws a `UsageError` that begins with `where`, and quotes `text`, if not. */
export function checkMagnitude(where: string, text: string, value: number): number {
  if (Math.abs(value) <= magnitudeMax) return value
  if (Number.isNaN(value)) throw new UsageError(`${where}: '${text}' is no number`)
  throw new UsageError(`${where}: ${inShort(text)} is beyond ${magnitudeMax}, so that products could overflow`)
}
