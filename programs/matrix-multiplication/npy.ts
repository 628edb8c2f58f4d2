// Files of NumPy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { type InputFile, UsageError } from 'paritas'
import { checkShape, checkValue, type Matrix, magnitudeMax } from './matrix.ts'

interface Reader {
  readonly bytes: number
  read(view: DataView, offset: number, littleEndian: boolean): number
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
  i8: { bytes: 8, read: (view, offset, little) => Number(view.getBigInt64(offset, little)) },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset) },
  u2: { bytes: 2, read: (view, offset, little) => view.getUint16(offset, little) },
  u4: { bytes: 4, read: (view, offset, little) => view.getUint32(offset, little) },
  u8: { bytes: 8, read: (view, offset, little) => Number(view.getBigUint64(offset, little)) },
}

/** Reads a square matrix of numbers of any real type. Throws a `UsageError` that names the file. */
export async function readNpy(file: InputFile, sideMax: number): Promise<Matrix> {
  const bytes = await file.bytes()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { header, dataOffset } = headerOf(file.name, view)
  const [, order, type] = /'descr': *'([<>|=]?)([a-zA-Z]\d+)'/.exec(header) ?? []
  const reader = type !== undefined && Object.hasOwn(readers, type) ? readers[type] : undefined
  if (reader === undefined) {
    const [, described] = /'descr': *('[^'\n]*'|\[)/.exec(header) ?? []
    const what = described === '[' ? 'records' : `of the type ${described ?? 'unknown'}`
    throw new UsageError(`${file.name}: the elements are no real numbers, but ${what}`)
  }
  const shape = /'shape': *\(([^)]*)\)/.exec(header)?.[1]
  const sides = (shape ?? '')
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number)
  if (sides.length !== 2)
    throw new UsageError(`${file.name}: the array must have 2 dimensions, but has ${sides.length}`)
  checkShape(file.name, sides[0]!, sides[1]!, sideMax)
  const side = sides[0]!
  const needed = dataOffset + side * side * reader.bytes
  if (view.byteLength !== needed) {
    throw new UsageError(
      `${file.name}: the file has ${view.byteLength} bytes, but ${side} x ${side} elements need ${needed}`,
    )
  }
  const isByColumn = /'fortran_order': *True/.test(header)
  const values = new Float64Array(side * side)
  for (let index = 0; index < values.length; index += 1) {
    const value = reader.read(view, dataOffset + index * reader.bytes, order !== '>')
    const target = isByColumn ? (index % side) * side + Math.floor(index / side) : index
    values[target] = value
    if (Math.abs(value) <= magnitudeMax) continue
    const place = `[${Math.floor(target / side)}, ${target % side}]`
    checkValue(`${file.name}: element ${place}`, String(value), value)
  }
  return { side, values }
}

/** A number of 16 bits (IEEE 754): sign, 5 bits of exponent, 10 of fraction. */
function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? (sign * fraction) / 2 ** 24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The text between the magic and the elements, and where they begin. */
function headerOf(name: string, view: DataView): { header: string; dataOffset: number } {
  const textOf = (offset: number, length: number): string =>
    new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + offset, length))
  const isNumpy = view.byteLength >= 10 && view.getUint8(0) === 0x93 && textOf(1, 5) === 'NUMPY'
  if (!isNumpy) {
    throw new UsageError(`${name}: this is no file of NumPy: it does not begin with its magic`)
  }
  const isLong = view.getUint8(6) > 1
  const start = isLong ? 12 : 10
  const length = isLong && view.byteLength >= start ? view.getUint32(8, true) : view.getUint16(8, true)
  if (view.byteLength < start + length) throw new UsageError(`${name}: the file ends within its header`)
  return { header: textOf(start, length), dataOffset: start + length }
}
