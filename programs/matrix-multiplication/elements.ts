// The elements of the two matrices that are multiplied: those of the input, or random ones.
import type { Elements } from './product-check.ts'

interface Size {
  readonly n: number
  readonly seed: number
}

/** Elements of A and B, 0 beyond their edges. */
export function matrices({ n, seed }: Size, input: Float64Array | null): [a: Elements, b: Elements] {
  const elementsOf = (matrix: number): Elements => {
    if (input === null) return (row, column) => (row < n && column < n ? randomElement(seed, matrix, row, column) : 0)
    const values = input.subarray(matrix * n * n, (matrix + 1) * n * n)
    return (row, column) => values[row * n + column]!
  }
  return [elementsOf(0), elementsOf(1)]
}

/** One of the 2048 multiples of 1/1024 from -1 on: sums of products of them are exact, in whatever order. */
function randomElement(seed: number, matrix: number, row: number, column: number): number {
  let mixed =
    Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b) ^ Math.imul(seed ^ (matrix << 16), 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return (((mixed ^ (mixed >>> 15)) >>> 21) - 1024) / 1024
}
