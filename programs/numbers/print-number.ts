// How the programs that ship write numbers, so that reading them gives the same ones again.

/**
 * `value` in text: a whole number with all its digits, any other with as few as tell it from its neighbours. JavaScript
 * itself fills whole numbers beyond 2^53 with zeros that they do not have, and says 0 for -0.
 */
export function printNumber(value: number): string {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value)) return String(BigInt(value))
  return Object.is(value, -0) ? '-0' : String(value)
}

/** One number a line. */
export function printLines(values: Float64Array): string {
  let text = ''
  for (const value of values) text += `${printNumber(value)}\n`
  return text
}
