// The inner loops of the product of two blocks in WASM SIMD, compiled by asc into ../kernel-wasm.ts.

/**
 * C += A B. C is `rows` x `columns` doubles, row by row. A lies in panels of 4 rows, `depth` groups of 4 values each; B in
 * panels of 4 columns, `depth` groups of 4 values each. `rows` and `columns` are multiples of 4; the rest are byte offsets.
 */
export function multiplyAdd(c: usize, a: usize, b: usize, rows: i32, depth: i32, columns: i32): void {
  const stride = <usize>columns << 3
  const panel = <usize>depth << 5
  for (let column = 0; column < columns; column += 4) {
    let left = a
    for (let row = 0; row < rows; row += 4) {
      multiplyTile(c + <usize>row * stride + (<usize>column << 3), stride, left, b, panel)
      left += panel
    }
    b += panel
  }
}

/** A tile of 4 x 4 stays in registers: each value that is loaded takes part in four products. */
// @ts-expect-error: decorator
@inline
function multiplyTile(c0: usize, stride: usize, a: usize, b: usize, panel: usize): void {
  const c1 = c0 + stride
  const c2 = c1 + stride
  const c3 = c2 + stride
  let c00 = v128.load(c0)
  let c01 = v128.load(c0, 16)
  let c10 = v128.load(c1)
  let c11 = v128.load(c1, 16)
  let c20 = v128.load(c2)
  let c21 = v128.load(c2, 16)
  let c30 = v128.load(c3)
  let c31 = v128.load(c3, 16)
  for (const end = a + panel; a < end; a += 32) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const a0 = v128.load64_splat(a)
    c00 = f64x2.add(c00, f64x2.mul(a0, b0))
    c01 = f64x2.add(c01, f64x2.mul(a0, b1))
    const a1 = v128.load64_splat(a, 8)
    c10 = f64x2.add(c10, f64x2.mul(a1, b0))
    c11 = f64x2.add(c11, f64x2.mul(a1, b1))
    const a2 = v128.load64_splat(a, 16)
    c20 = f64x2.add(c20, f64x2.mul(a2, b0))
    c21 = f64x2.add(c21, f64x2.mul(a2, b1))
    const a3 = v128.load64_splat(a, 24)
    c30 = f64x2.add(c30, f64x2.mul(a3, b0))
    c31 = f64x2.add(c31, f64x2.mul(a3, b1))
    b += 32
  }
  v128.store(c0, c00)
  v128.store(c0, c01, 16)
  v128.store(c1, c10)
  v128.store(c1, c11, 16)
  v128.store(c2, c20)
  v128.store(c2, c21, 16)
  v128.store(c3, c30)
  v128.store(c3, c31, 16)
}
