import { assert } from '../base/index.ts'

/** Bytes there are; also how many members a code over them can have. */
export const fieldSize = 256

/**
 * GF(2^8): bytes as polynomials over GF(2) modulo x^8 + x^4 + x^3 + x^2 + 1, in which x generates everything but 0: the
 * field of RAID 6. Adding is XOR, and so is subtracting.
 */
const polynomial = 0x11d

/** Byte 256 a + b is a times b: row a serves one coefficient. */
export const products = makeProducts()

const inverses = makeInverses()

export function multiply(a: number, b: number): number {
  return products[fieldSize * a + b]!
}

/** The byte that makes 1 with `a`, which is not 0. */
export function inverse(a: number): number {
  assert(a !== 0, 'field: 0 has no inverse')
  return inverses[a]!
}

export function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < fieldSize
}

function makeProducts(): Uint8Array {
  const table = new Uint8Array(fieldSize * fieldSize)
  for (let a = 1; a < fieldSize; a += 1) {
    const row = table.subarray(fieldSize * a, fieldSize * (a + 1))
    for (let bit = 1, product = a; bit < fieldSize; bit *= 2) {
      for (let rest = 0; rest < bit; rest += 1) row[bit + rest] = row[rest]! ^ product
      product = (product << 1) ^ (product & 0x80 ? polynomial : 0)
    }
  }
  return table
}

function makeInverses(): Uint8Array {
  const table = new Uint8Array(fieldSize)
  for (let a = 1; a < fieldSize; a += 1) table[a] = products.indexOf(1, fieldSize * a) - fieldSize * a
  return table
}
