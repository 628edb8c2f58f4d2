import { assert } from '../base/index.ts'

/** Bytes there are; also how many members a code over them can have. */
export const fieldSize = 256

/**
 * GF(2^8): bytes as polynomials over GF(2) modulo x^8 + x^4 + x^3 + x^2 + 1, in which x generates everything but 0: the
 * field of RAID 6. Adding is XOR, and so is subtracting.
 */
const polynomial = 0x11d

const { powers, logarithms } = makePowers()

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powers[logarithms[a]! + logarithms[b]!]!
}

/** The byte that makes 1 with `a`, which is not 0. */
export function inverse(a: number): number {
  assert(a !== 0, 'field: 0 has no inverse')
  return powers[fieldSize - 1 - logarithms[a]!]!
}

export function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < fieldSize
}

let table: Uint8Array | null = null

/** Byte 256 a + b is a times b: row a serves one coefficient. Made when it is first asked for. */
export function products(): Uint8Array {
  table ??= Uint8Array.from({ length: fieldSize * fieldSize }, (_, at) => multiply(at >>> 8, at & 255))
  return table
}

/** Power k of x, twice over so that sums of two logarithms need no remainder, and of which power a byte is. */
function makePowers() {
  const order = fieldSize - 1
  const powers = new Uint8Array(2 * order)
  const logarithms = new Uint8Array(fieldSize)
  for (let exponent = 0, power = 1; exponent < order; exponent += 1) {
    powers[exponent] = power
    powers[order + exponent] = power
    logarithms[power] = exponent
    power = (power << 1) ^ (power & 0x80 ? polynomial : 0)
  }
  return { powers, logarithms }
}
