/** Throws a `RangeError` unless `value` is a finite number above 0. `name` opens the sentence. */
export function requirePositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return
  throw new RangeError(`${name} must be a finite number above 0, but is ${value}`)
}

/** Throws a `RangeError` unless `value` is a finite number from 0 on. */
export function requireNotNegative(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return
  throw new RangeError(`${name} must be a finite number from 0 on, but is ${value}`)
}
