// Whether C is A B, in far less time than the product takes.

/** Element of a matrix at a row and a column. */
export type Elements = (row: number, column: number) => number

export interface Product {
  readonly side: number
  readonly a: Elements
  readonly b: Elements
  /** Column by column. */
  readonly c: Float64Array
  /** Whether no sum of the elements' products is ever rounded; else C may differ by what rounding explains. */
  readonly isExact: boolean
}

/** Below it the product itself is computed again, element by element. */
const plainSideMax = 256

/** What is wrong with C, in one line, or null. */
export function problemWithProduct(product: Product): string | null {
  return product.side <= plainSideMax ? compareElements(product) : freivalds(product)
}

/**
 * What rounding explains of a sum of n products whose magnitudes sum up to `magnitude`: a share of that, one unit for each
 * product and for each sum, and below the normal range, where shares are too small, half of the least positive number
 * for each product. `sums` is how many such sums are added up.
 */
const tolerated = (side: number, magnitude: number, sums = 1): number =>
  magnitude * (4 * side + 8) * 2 ** -53 + sums * (side + 1) * Number.MIN_VALUE

function compareElements({ side, a, b, c, isExact }: Product): string | null {
  for (let column = 0; column < side; column += 1) {
    for (let row = 0; row < side; row += 1) {
      let sum = 0
      let magnitudes = 0
      for (let k = 0; k < side; k += 1) {
        const term = a(row, k) * b(k, column)
        sum += term
        magnitudes += Math.abs(term)
      }
      const value = c[column * side + row]!
      const tolerance = isExact ? 0 : tolerated(side, magnitudes)
      if (Math.abs(value - sum) <= tolerance) continue
      return `element (${row + 1}, ${column + 1}) is ${value}, but should be ${sum}`
    }
  }
  return null
}

const vectors = 8

/** Elements of the vectors go from -8 to 7. */
const largest = 8

/**
 * Freivalds' test: C x = A (B x) for random x. A wrong row is missed with a probability of at most 1/16 by each of the
 * 8 vectors, which are all multiplied at once.
 */
function freivalds({ side, a, b, c, isExact }: Product): string | null {
  const x = randomVectors(side)
  const left = times(side, (row, column) => c[column * side + row]!, x)
  const right = times(side, a, times(side, b, x))
  const bound = isExact ? null : magnitudeOf(side, a, b)
  for (let row = 0; row < side; row += 1) {
    const tolerance = bound === null ? 0 : tolerated(side, bound[row]!, largest * (side + 1))
    for (let index = row * vectors; index < (row + 1) * vectors; index += 1) {
      if (Math.abs(left[index]! - right[index]!) <= tolerance) continue
      return `row ${row + 1} of the product is wrong, by Freivalds' test`
    }
  }
  return null
}

/** Whole numbers: products with them stay exact where those of the matrices are. */
function randomVectors(side: number): Float64Array {
  let state = 0x2545f491
  return Float64Array.from({ length: side * vectors }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >> 28
  })
}

/** The product of a matrix with all vectors, which lie row by row. */
function times(side: number, matrix: Elements, x: Float64Array): Float64Array {
  const y = new Float64Array(side * vectors)
  for (let row = 0; row < side; row += 1) {
    const sums = y.subarray(row * vectors, (row + 1) * vectors)
    for (let column = 0; column < side; column += 1) {
      const value = matrix(row, column)
      for (let index = 0; index < vectors; index += 1) sums[index]! += value * x[column * vectors + index]!
    }
  }
  return y
}

/** |A| |B| |x| for the largest x there is. */
function magnitudeOf(side: number, a: Elements, b: Elements): Float64Array {
  const x = new Float64Array(side * vectors).fill(largest)
  const inner = times(side, (row, column) => Math.abs(b(row, column)), x)
  const outer = times(side, (row, column) => Math.abs(a(row, column)), inner)
  return Float64Array.from({ length: side }, (_, row) => outer[row * vectors]!)
}
