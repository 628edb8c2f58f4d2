// The product of square blocks, by a kernel in WASM SIMD that works on packed copies of what it needs. The copies live for
// one call only: nothing of a process's state is in here.
import { kernelBase64 } from './kernel-wasm.ts'

interface Kernel {
  readonly memory: WebAssembly.Memory
  multiplyAdd(c: number, a: number, b: number, rows: number, depth: number, columns: number): void
}

/** Sides of blocks must be multiples of it: the kernel works on tiles of 4 x 4. */
export const tile = 4

/** How much of a block one call may go through: that much of B, packed, fits well into the caches. */
export const depthMax = 256

/** Rows of A and C that are packed together: with `depthMax` values each they fit into a cache of 128 KiB. */
const stripRows = 64

const module = new WebAssembly.Module(Uint8Array.from(atob(kernelBase64), (letter) => letter.charCodeAt(0)))
const kernel = new WebAssembly.Instance(module).exports as unknown as Kernel

/** C += A(:, from..from + depth) B(from..from + depth, :), for blocks of side `side`, row by row; depth <= depthMax. */
export function addProduct(
  { a, b, c }: { readonly a: Float64Array; readonly b: Float64Array; readonly c: Float64Array },
  { side, from, depth }: { readonly side: number; readonly from: number; readonly depth: number },
): void {
  const strip = { c: 0, a: stripRows * side, b: stripRows * (side + depth) }
  const scratch = scratchOf(strip.b + side * depth)
  packColumns(scratch.subarray(strip.b), b.subarray(from * side, (from + depth) * side), side, depth)
  for (let row = 0; row < side; row += stripRows) {
    const rows = Math.min(stripRows, side - row)
    const target = c.subarray(row * side, (row + rows) * side)
    const result = scratch.subarray(strip.c, strip.c + target.length)
    result.set(target)
    packRows(scratch.subarray(strip.a), a, { side, row, rows, from, depth })
    kernel.multiplyAdd(8 * strip.c, 8 * strip.a, 8 * strip.b, rows, depth, side)
    target.set(result)
  }
}

/** The kernel's memory, grown to at least `length` doubles. */
function scratchOf(length: number): Float64Array {
  const missingBytes = 8 * length - kernel.memory.buffer.byteLength
  if (missingBytes > 0) kernel.memory.grow(Math.ceil(missingBytes / 65_536))
  return new Float64Array(kernel.memory.buffer, 0, length)
}

/** `depth` rows of B in panels of 4 columns. */
function packColumns(target: Float64Array, source: Float64Array, side: number, depth: number): void {
  let at = 0
  for (let column = 0; column < side; column += tile) {
    for (let from = column; from < depth * side; from += side) {
      target[at] = source[from]!
      target[at + 1] = source[from + 1]!
      target[at + 2] = source[from + 2]!
      target[at + 3] = source[from + 3]!
      at += tile
    }
  }
}

interface Strip {
  readonly side: number
  readonly row: number
  readonly rows: number
  readonly from: number
  readonly depth: number
}

/** A strip of A in panels of 4 rows. */
function packRows(target: Float64Array, a: Float64Array, { side, row, rows, from, depth }: Strip): void {
  let at = 0
  for (let first = row; first < row + rows; first += tile) {
    const start = first * side + from
    for (let source = start; source < start + depth; source += 1) {
      target[at] = a[source]!
      target[at + 1] = a[source + side]!
      target[at + 2] = a[source + 2 * side]!
      target[at + 3] = a[source + 3 * side]!
      at += tile
    }
  }
}
