import type { ErasureCode } from '../../src/parity/index.ts'
import { naiveProduct } from './naive-field.ts'

const fieldSize = 256
const products = Uint8Array.from({ length: fieldSize ** 2 }, (_, i) => naiveProduct(i >> 8, i & 255))
const inverses = Uint8Array.from({ length: fieldSize }, (_, a) => products.indexOf(1, fieldSize * a) % fieldSize)

/**
 * Looks at every square submatrix of the code's coefficients with up to `sizeMax` rows and returns how many there are,
 * and how many of these are singular.
 *
 * Rows and columns are eliminated in ascending order. What is left then of row r and column c is the determinant of the
 * rows and columns so far with r and c added, divided by the one without: so each entry of what is left stands for one
 * submatrix, that whose last row and column these are, and is zero just if that is singular.
 */
export function countSubmatrices(
  code: ErasureCode,
  sizeMax: number,
): { readonly all: number; readonly singular: number } {
  const count = { all: 0, singular: 0 }
  const matrix = Array.from({ length: code.checks }, (_row, check) =>
    Uint8Array.from({ length: code.processes }, (_one, process) => code.coefficient(check, process)),
  )
  // One set of rows for each depth of the recursion, so that nothing is allocated on the way.
  const levels = [matrix, ...Array.from({ length: sizeMax }, () => matrix.map((row) => row.slice()))]
  const visit = (depth: number, firstRow: number, firstColumn: number): void => {
    const rows = levels[depth]!
    for (let row = firstRow; row < code.checks; row += 1) countRow(rows[row]!, firstColumn, count)
    if (depth + 1 === sizeMax) return
    for (let row = firstRow; row < code.checks - 1; row += 1) {
      for (let column = firstColumn; column < code.processes - 1; column += 1) {
        if (rows[row]![column] === 0) continue
        eliminate(rows, levels[depth + 1]!, row, column)
        visit(depth + 1, row + 1, column + 1)
      }
    }
  }
  visit(0, 0, 0)
  return count
}

function countRow(entries: Uint8Array, from: number, count: { all: number; singular: number }): void {
  count.all += entries.length - from
  for (let at = from; at < entries.length; at += 1) if (entries[at] === 0) count.singular += 1
}

/** What is left of the rows and columns behind a pivot. */
function eliminate(rows: readonly Uint8Array[], left: readonly Uint8Array[], row: number, column: number): void {
  const pivot = rows[row]!
  const inverse = inverses[pivot[column]!]!
  for (let other = row + 1; other < rows.length; other += 1) {
    const source = rows[other]!
    const target = left[other]!
    const factor = fieldSize * products[fieldSize * inverse + source[column]!]!
    for (let at = column + 1; at < pivot.length; at += 1) target[at] = source[at]! ^ products[factor + pivot[at]!]!
  }
}
