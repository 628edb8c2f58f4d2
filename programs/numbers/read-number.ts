// What a number is, for every file that a program that ships reads.
import { UsageError } from 'paritas'
import { printNumber } from './print-number.ts'

// Each place can match in one way only, so that even a line of many megabytes is looked through but once.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[ed][+-]?\d+)?$/i
const whole = /^[+-]?(\d+)(?:\.0*)?$/
const scaled = /^[+-]?(\d*)(?:\.(\d*))?(?:[ed]([+-]?\d+))?$/i

/**
 * The number that `text` stands for: digits, with a point and an exponent if need be, which begins with `e` or Fortran's
 * `d`. It becomes the nearest 64-bit floating point number. Throws a `UsageError` that begins with `where` for anything
 * else, for what would become infinite, or 0 without being 0, and for a whole number that would change: in digits to any
 * other, with an exponent to one that would be written otherwise, so that 6.02214076e23 will do.
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
  const digits = digitsOf(text)
  const isAsWritten = digits === null || (!whole.test(text) && digits === digitsOf(String(value)))
  return isAsWritten ? value : unchanged(value, BigInt(digits), text, where)
}

/** The digits of a whole number, also of one with an exponent; null for any other. */
function digitsOf(text: string): string | null {
  const [, before = '', behind = '', exponent = '0'] = scaled.exec(text)!
  const digits = (before + behind).replace(/^0+/, '')
  const places = behind.length - Number(exponent)
  if (places <= 0) return digits + '0'.repeat(-places)
  return /^0*$/.test(digits.slice(-places)) ? digits.slice(0, -places) : null
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
