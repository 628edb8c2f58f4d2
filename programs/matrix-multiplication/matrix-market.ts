// Matrix Market files: https://math.nist.gov/MatrixMarket/formats.html
import { type InputFile, UsageError } from 'paritas'
import { inShort, isWholeNumber, readNumber } from '../numbers/read-number.ts'
import { checkMagnitude, checkShape, type Matrix } from './matrix.ts'

type Format = 'array' | 'coordinate'
type Kind = 'real' | 'integer' | 'pattern'
type Symmetry = 'general' | 'symmetric' | 'skew-symmetric'

interface Header {
  readonly format: Format
  readonly kind: Kind
  readonly symmetry: Symmetry
}

/** Reads a square matrix of real or whole numbers, or a pattern, whose entries are all 1. Throws a `UsageError` that names file and line. */
export async function readMatrixMarket(file: InputFile, sideMax: number): Promise<Matrix> {
  let header: Header | null = null
  let entries: Entries | null = null
  let last = 0
  for await (const { first, lines } of file.lines()) {
    lines.forEach((line, index) => {
      const where = `${file.name}:${first + index}`
      last = first + index
      if (header === null) header = readHeader(line, where)
      else if (/^\s*(%|$)/.test(line)) return
      else if (entries === null) entries = readSize(line, header, where, sideMax)
      else entries.add(line, where)
    })
  }
  // The compiler does not see that the function above assigns them.
  const read = entries as Entries | null
  if (read === null) throw new UsageError(`${file.name}:${last}: the file ends before it says how large the matrix is`)
  if (read.isComplete) return read.matrix
  throw new UsageError(`${file.name}:${last}: the file ends after ${read.count} of ${read.total} values`)
}

function readHeader(line: string, where: string): Header {
  const [banner, object, format, kind, symmetry] = line.trim().toLowerCase().split(/\s+/)
  if (banner !== '%%matrixmarket' || object !== 'matrix') {
    throw new UsageError(
      `${where}: a Matrix Market file begins with '%%MatrixMarket matrix', and a file of NumPy ends in .npy`,
    )
  }
  if (format !== 'array' && format !== 'coordinate') {
    throw new UsageError(`${where}: the format must be array or coordinate, but is '${format ?? ''}'`)
  }
  if (kind !== 'real' && kind !== 'integer' && kind !== 'double' && kind !== 'pattern') {
    throw new UsageError(`${where}: the values must be real or integer numbers or a pattern, but are '${kind ?? ''}'`)
  }
  if (kind === 'pattern' && format === 'array') {
    throw new UsageError(`${where}: a pattern says where entries are, so its format must be coordinate, not array`)
  }
  if (symmetry !== 'general' && symmetry !== 'symmetric' && symmetry !== 'skew-symmetric') {
    throw new UsageError(
      `${where}: the symmetry must be general, symmetric or skew-symmetric, but is '${symmetry ?? ''}'`,
    )
  }
  return { format, kind: kind === 'double' ? 'real' : kind, symmetry }
}

function readSize(line: string, header: Header, where: string, sideMax: number): Entries {
  const { format } = header
  const words = line.trim().split(/\s+/)
  if (
    words.length !== (format === 'array' ? 2 : 3) ||
    !words.every((word) => isWholeNumber(word) && !word.startsWith('-'))
  ) {
    const wanted = format === 'array' ? 'rows and columns' : 'rows, columns and the count of values'
    throw new UsageError(`${where}: '${inShort(line.trim())}' is no size: it must say ${wanted}`)
  }
  const [rows, columns, count] = words.map((word) => readNumber(word, where))
  checkShape(where, rows!, columns!, sideMax)
  return new Entries(rows!, header, format === 'array' ? null : count!)
}

/** The values as they come in, one a line: with its place in a coordinate file, column by column in an array file. */
class Entries {
  readonly matrix: Matrix
  readonly total: number
  count = 0
  readonly #kind: Kind
  readonly #symmetry: Symmetry
  /** Which elements a coordinate file has given; null for an array file. */
  readonly #given: Uint8Array | null
  /** Where the next value of an array file goes. */
  #row: number
  #column = 0

  constructor(side: number, { kind, symmetry }: Header, coordinates: number | null) {
    this.matrix = { side, values: new Float64Array(side * side) }
    this.#kind = kind
    this.#symmetry = symmetry
    this.#given = coordinates === null ? null : new Uint8Array(side * side)
    // Of a symmetric matrix the file holds the lower triangle, of a skew one not even the diagonal.
    const inTriangle = (side * (side + (symmetry === 'symmetric' ? 1 : -1))) / 2
    this.total = coordinates ?? (symmetry === 'general' ? side * side : inTriangle)
    this.#row = symmetry === 'skew-symmetric' ? 1 : 0
  }

  get isComplete(): boolean {
    return this.count === this.total
  }

  add(line: string, where: string): void {
    if (this.isComplete) throw new UsageError(`${where}: a value too many: the matrix has ${this.total}`)
    const words = line.trim().split(/\s+/)
    const isPattern = this.#kind === 'pattern'
    if (words.length !== (this.#given ? 2 : 0) + (isPattern ? 0 : 1)) {
      const wanted = isPattern ? 'a row and a column' : this.#given ? 'a row, a column and a value' : 'one value'
      throw new UsageError(`${where}: '${inShort(line.trim())}' must be ${wanted}`)
    }
    const value = isPattern ? 1 : this.#value(words.at(-1)!, where)
    if (this.#given) {
      const [row, column] = [this.#index(words[0]!, where), this.#index(words[1]!, where)]
      this.#checkPlace(this.#given, row, column, where)
      this.#put(row, column, value)
    } else {
      this.#put(this.#row, this.#column, value)
      this.#advance()
    }
    this.count += 1
  }

  #value(text: string, where: string): number {
    const value = checkMagnitude(where, text, readNumber(text, where))
    if (this.#kind !== 'integer' || isWholeNumber(text)) return value
    const what = Number.isInteger(value) ? 'is not in digits' : 'is no whole number'
    throw new UsageError(`${where}: ${inShort(text)} ${what}, but the file says that its values are integer`)
  }

  /** Notes that the element is given, and so is its mirror image if there is one. */
  #checkPlace(given: Uint8Array, row: number, column: number, where: string): void {
    const [own, mirrored] = [row * this.matrix.side + column, column * this.matrix.side + row]
    if (given[own] === 1) throw new UsageError(`${where}: row ${row + 1}, column ${column + 1} is given a second time`)
    if (this.#symmetry === 'skew-symmetric' && row === column) {
      throw new UsageError(`${where}: a skew-symmetric matrix has only zeros on its diagonal, and none are given`)
    }
    given[own] = 1
    if (this.#symmetry !== 'general') given[mirrored] = 1
  }

  #index(word: string, where: string): number {
    const index = isWholeNumber(word) ? Number(word) : 0
    if (index >= 1 && index <= this.matrix.side) return index - 1
    throw new UsageError(`${where}: '${inShort(word)}' is no row or column: they go from 1 to ${this.matrix.side}`)
  }

  #put(row: number, column: number, value: number): void {
    const { side, values } = this.matrix
    values[row * side + column] = value
    if (this.#symmetry === 'general' || row === column) return
    values[column * side + row] = this.#symmetry === 'symmetric' ? value : -value
  }

  #advance(): void {
    this.#row += 1
    if (this.#row < this.matrix.side) return
    this.#column += 1
    this.#row = this.#symmetry === 'general' ? 0 : this.#column + (this.#symmetry === 'symmetric' ? 0 : 1)
  }
}
