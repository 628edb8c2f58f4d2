// What a number is, for every file that a program that ships reads.
import { UsageError } from 'paritas'
import { printNumber } from './print-number.ts'

// Each place can match in one way only, so that even a line of many megabytes is looked through but once.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[ed][+-]?\d+)?$/i
const whole = /^[+-]?(\d+)(?:\.0*)?$/

/**
 * The number that `text` stands for: digits, with a point and an exponent if need be, which begins with `e` or Fortran's
 * `d`. It becomes the nearest 64-bit floating point number. Throws a `UsageError` that begins with `where` for anything
 * else, for what would become infinite, or 0 without being 0, and for a whole number in digits that would change.
 */
export function readNumber(text: string, where: string): number {
  if (!decimal.test(text)) throw new UsageError(`${where}: '${inShort(text)}' is no number`)
  const read = Number(text)
  const value = Number.isNaN(read) ? Number(text.replace(/d/i, 'e')) : read
  const isTooSmall = value === 0 && /[1-9]/.test(text.replace(/[ed].*/i, ''))
  if (!Number.isFinite(value) || isTooSmall) {
    const outcome = `(it would become ${value})`
    throw new UsageError(
      `${where}: '${inShort(text)}' is beyond what a 64-bit floating point number can hold ${outcome}`,
    )
  }
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
  const [, digits] = whole.exec(text) ?? []
  return digits === undefined ? value : unchanged(value, BigInt(digits.replace(/^0+/, '')), text, where)
}

/** Whether `text` is a whole number in digits: without an exponent, and with only zeros behind a point. */
export function isWholeNumber(text: string): boolean {
  return whole.test(text)
}

/** A whole number as a 64-bit floating point number. Throws a `UsageError` that begins with `where` if it would change. */
export function exactNumber(value: bigint, where: string): number {
  return unchanged(Number(value), value < 0n ? -value : value, String(value), where)
}

function unchanged(value: number, magnitude: bigint, text: string, where: string): number {
  if (BigInt(Math.abs(value)) === magnitude) return value
  const outcome = `(it would become ${printNumber(value)})`
  throw new UsageError(
    `${where}: '${inShort(text)}' has more digits than a 64-bit floating point number can hold ${outcome}`,
  )
}

/** In a file of another kind a line may be of any length. */
export function inShort(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
