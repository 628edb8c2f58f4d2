// Files of NumPy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { type InputFile, UsageError } from 'paritas'
import { exactNumber, inShort } from '../numbers/read-number.ts'
import { checkMagnitude, checkShape, type Matrix, magnitudeMax } from './matrix.ts'
import { readLiteral } from './python-literal.ts'

interface Reader {
  readonly bytes: number
  read(view: DataView, offset: number, littleEndian: boolean): number | bigint
}

/** How elements are read, by the letters that NumPy has for their types. */
const readers: Readonly<Record<string, Reader>> = {
  f8: { bytes: 8, read: (view, offset, little) => view.getFloat64(offset, little) },
  f2: { bytes: 2, read: (view, offset, little) => halfFloat(view.getUint16(offset, little)) },
  f4: { bytes: 4, read: (view, offset, little) => view.getFloat32(offset, little) },
  b1: { bytes: 1, read: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
  i1: { bytes: 1, read: (view, offset) => view.getInt8(offset) },
  i2: { bytes: 2, read: (view, offset, little) => view.getInt16(offset, little) },
  i4: { bytes: 4, read: (view, offset, little) => view.getInt32(offset, little) },
  i8: { bytes: 8, read: (view, offset, little) => view.getBigInt64(offset, little) },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  u2: { bytes: 2, read: (view, offset, little) => view.getUint16(offset, little) },
  u4: { bytes: 4, read: (view, offset, little) => view.getUint32(offset, little) },
  u8: { bytes: 8, read: (view, offset, little) => view.getBigUint64(offset, little) },
}

/** Reads a square matrix of numbers of any real type. Throws a `UsageError` that names the file. */
export async function readNpy(file: InputFile, sideMax: number): Promise<Matrix> {
  const bytes = await file.bytes()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { reader, isLittleEndian, isByColumn, side, dataOffset } = layoutOf(file.name, view, sideMax)
  const needed = dataOffset + side * side * reader.bytes
  if (view.byteLength !== needed) {
    throw new UsageError(
      `${file.name}: the file has ${view.byteLength} bytes, but ${side} x ${side} elements need ${needed}`,
    )
  }
  const values = new Float64Array(side * side)
  for (let index = 0; index < values.length; index += 1) {
    const element = reader.read(view, dataOffset + index * reader.bytes, isLittleEndian)
    const value = Number(element)
    const target = isByColumn ? (index % side) * side + Math.floor(index / side) : index
    values[target] = value
    if (Math.abs(value) <= (typeof element === 'bigint' ? Number.MAX_SAFE_INTEGER : magnitudeMax)) continue
    const where = `${file.name}: element [${Math.floor(target / side)}, ${target % side}]`
    if (typeof element === 'bigint') exactNumber(element, where)
    else checkMagnitude(where, String(value), value)
  }
  return { side, values }
}

interface Layout {
  readonly reader: Reader
  readonly isLittleEndian: boolean
  readonly isByColumn: boolean
  readonly side: number
  readonly dataOffset: number
}

const keys = ['descr', 'fortran_order', 'shape']

/** What the header says. It must say all that NumPy says, and no more: a guess could be a wrong matrix. */
function layoutOf(name: string, view: DataView, sideMax: number): Layout {
  const { header, dataOffset } = headerOf(name, view)
  const fields = readLiteral(header, name)
  if (!(fields instanceof Map)) throw new UsageError(`${name}: the header is no dictionary`)
  const descr = fields.get('descr')
  const [, order, type] = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(typeof descr === 'string' ? descr : '') ?? []
  const reader = type !== undefined && Object.hasOwn(readers, type) ? readers[type] : undefined
  if (reader === undefined && descr !== undefined) {
    const what = typeof descr === 'string' ? `of the type '${inShort(descr)}'` : 'records'
    throw new UsageError(`${name}: the elements are no real numbers, but ${what}`)
  }
  if (reader === undefined || fields.size !== keys.length || !keys.every((key) => fields.has(key))) {
    throw new UsageError(`${name}: the header must have the keys ${keys.join(', ')}, and no others`)
  }
  const isByColumn = fields.get('fortran_order')
  if (typeof isByColumn !== 'boolean') throw new UsageError(`${name}: fortran_order must be True or False`)
  const shape = fields.get('shape')
  if (!Array.isArray(shape) || !shape.every((side) => typeof side === 'bigint' && side >= 0n)) {
    throw new UsageError(`${name}: the shape must be whole numbers in brackets`)
  }
  if (shape.length !== 2) throw new UsageError(`${name}: the array must have 2 dimensions, but has ${shape.length}`)
  const [rows, columns] = shape.map(Number)
  checkShape(name, rows!, columns!, sideMax)
  return { reader, isLittleEndian: order !== '>', isByColumn, side: rows!, dataOffset }
}

/** A number of 16 bits (IEEE 754): sign, 5 bits of exponent, 10 of fraction. */
function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? (sign * fraction) / 2 ** 24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const headerBytesMax = 65_535

/** The text between the magic and the elements, and where they begin. */
function headerOf(name: string, view: DataView): { header: string; dataOffset: number } {
  const textOf = (offset: number, length: number): string =>
    new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + offset, length))
  const isNumpy = view.byteLength >= 10 && view.getUint8(0) === 0x93 && textOf(1, 5) === 'NUMPY'
  if (!isNumpy) {
    throw new UsageError(`${name}: this is no file of NumPy: it does not begin with its magic`)
  }
  const version = view.getUint8(6)
  if (version < 1 || version > 3) throw new UsageError(`${name}: version ${version} of NumPy's format is not known`)
  const isLong = version > 1
  const start = isLong ? 12 : 10
  const length = isLong && view.byteLength >= start ? view.getUint32(8, true) : view.getUint16(8, true)
  if (view.byteLength < start + length) throw new UsageError(`${name}: the file ends within its header`)
  if (length > headerBytesMax)
    throw new UsageError(`${name}: the header has ${length} bytes, so it is that of no matrix`)
  return { header: textOf(start, length), dataOffset: start + length }
}
