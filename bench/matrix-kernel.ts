// `npm run bench:matrix`: how fast one core multiplies blocks with the kernel of the program matrix-multiplication, in
// billions of floating-point operations a second (a multiplication and an addition count as two). `-- SIDE` sets the side.
import { addProduct, depthMax } from '../programs/matrix-multiplication/block-product.ts'

const side = Math.ceil(Number(process.argv[2] ?? 1316) / 4) * 4
const rounds = 7

/** In shared memory, as the memory of a process is. */
function block(factor: number): Float64Array {
  const values = new Float64Array(new SharedArrayBuffer(8 * side * side))
  for (const index of values.keys()) values[index] = ((index * factor) % 2048) / 1024 - 1
  return values
}

const blocks = { a: block(7919), b: block(104_729), c: block(0) }
const rates: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const startedMs = performance.now()
  for (let from = 0; from < side; from += depthMax) {
    addProduct(blocks, { side, from, depth: Math.min(depthMax, side - from) })
  }
  rates.push((2 * side ** 3) / (performance.now() - startedMs) / 1e6)
}
// The first round compiles.
const [median] = rates
  .slice(1)
  .sort((a, b) => a - b)
  .slice(Math.floor((rounds - 1) / 2))
process.stdout.write(`blocks of ${side} x ${side}: ${median!.toFixed(1)} GFLOP/s a core, median of ${rounds - 1}\n`)
