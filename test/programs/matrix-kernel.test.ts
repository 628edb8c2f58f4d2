// The compiled kernel is what its source says. PARITAS_REWRITE=1 compiles it anew.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterAll, expect } from 'vitest'
import { addProduct, depthMax } from '../../programs/matrix-multiplication/block-product.ts'
import { root } from '../tidy/sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-kernel-'))
afterAll(() => rmSync(folder, { recursive: true }))

const programs = join(root, 'programs', 'matrix-multiplication')

/** The TypeScript module that carries the compiled kernel. */
function compile(): string {
  const wasm = join(folder, 'kernel.wasm')
  const asc = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js')
  const options = ['--runtime', 'stub', '--noAssert', '-O3', '--enable', 'simd', '--initialMemory', '1']
  execFileSync(process.execPath, [asc, join('assembly', 'kernel.ts'), '--outFile', wasm, ...options], { cwd: programs })
  const lines = readFileSync(wasm)
    .toString('base64')
    .match(/.{1,110}/g)!
  return [
    '// Compiled from assembly/kernel.ts; test/programs/matrix-kernel.test.ts says how, and that it is up to date.',
    'export const kernelBase64 =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')}\n`,
  ].join('\n')
}

test('the compiled kernel is up to date', () => {
  const path = join(programs, 'kernel-wasm.ts')
  const compiled = compile()
  if (process.env.PARITAS_REWRITE) writeFileSync(path, compiled)
  expect(readFileSync(path, 'utf8')).toBe(compiled)
})

test.prop([fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 159 }), fc.integer({ min: 1, max: depthMax })], {
  numRuns: 40,
})('adds the product of any part of two blocks', (tiles, first, length) => {
  const side = 4 * tiles
  const from = first % side
  const depth = Math.min(length, side - from)
  const block = (factor: number): Float64Array =>
    Float64Array.from({ length: side * side }, (_, index) => ((index * factor) % 17) - 8)
  const [a, b, c] = [block(5), block(7), block(3)]
  const expected = c.slice()
  for (let row = 0; row < side; row += 1) {
    for (let k = from; k < from + depth; k += 1) {
      const factor = a[row * side + k]!
      for (let column = 0; column < side; column += 1) expected[row * side + column]! += factor * b[k * side + column]!
    }
  }
  addProduct({ a, b, c }, { side, from, depth })
  expect(c).toEqual(expected)
})
