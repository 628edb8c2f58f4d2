import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type KernelModule, reedSolomonCode } from '../../src/parity/index.ts'
import { bothKernels } from './both-kernels.ts'

interface Vectors {
  readonly coefficients: readonly (readonly number[])[]
  /** The processes' bytes, in hexadecimal, and the rows that ISA-L made of them. */
  readonly processes: readonly string[]
  readonly rows: readonly string[]
  readonly losses: readonly {
    readonly lost: readonly number[]
    /** The members left that ISA-L rebuilt from: processes, then the first rows. */
    readonly members: readonly number[]
    /** For each lost process, its coefficients of these members. */
    readonly rebuilt: readonly (readonly number[])[]
  }[]
}

// Made by Intel's ISA-L 2.30: `npm run bench:codes -- vectors`. The benchmark compares more bytes where ISA-L is there.
const vectors = JSON.parse(readFileSync(new URL('isa-l-vectors.json', import.meta.url), 'utf8')) as Vectors
const code = reedSolomonCode(10, 8)

function rowOf(kernels: KernelModule, check: number): string {
  const memory = kernels.create({ maximumBytes: 2 ** 20 })
  const target = Uint32Array.of(memory.allocate(256, 16))
  const holds = Uint8Array.of(0)
  vectors.processes.forEach((hex, process) => {
    const coefficient = Uint8Array.of(code.coefficient(check, process))
    memory.batches.bring(Buffer.from(hex, 'hex'), target, holds.fill(process === 0 ? 0 : 1), coefficient)
  })
  const row = Buffer.alloc(256)
  memory.batches.take(target, Uint32Array.of(0), 1, row)
  return row.toString('hex')
}

describe('an independent implementation, ISA-L,', () => {
  it('had the same coefficients', () => {
    expect(vectors.coefficients.length).toBe(8)
    vectors.coefficients.forEach((row, check) => {
      expect(row).toEqual(vectors.processes.map((_, process) => code.coefficient(check, process)))
    })
  })

  it.each(bothKernels)('made the same rows as the $name kernels', (kernels) => {
    expect(vectors.rows.map((_, check) => rowOf(kernels, check))).toEqual(vectors.rows)
  })

  it.each(vectors.losses)('rebuilds $lost with the same coefficients', ({ lost, members, rebuilt }) => {
    expect(lost.length).toBeGreaterThan(0)
    const terms = code.rebuildFrom(lost)!
    lost.forEach((process, i) => {
      expect(terms.get(process)).toEqual(members.map((member, at) => ({ member, coefficient: rebuilt[i]![at] })))
    })
  })
})
