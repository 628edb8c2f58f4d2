import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import { ChecksumTable, compareChecksums, type KernelMemory, pagesPerGroup } from '../../src/parity/index.ts'
import { bothKernels } from './both-kernels.ts'

const pageSizeBytes = 32

const toggle = (table: ChecksumTable, number: number, offset: number): void =>
  table.toggle(Uint32Array.of(number), Uint32Array.of(offset))

describe.each(bothKernels)('checksums with $name kernels', (kernels) => {
  function create(): { memory: KernelMemory; table: ChecksumTable; page: (fill: number) => number } {
    const memory = kernels.create({ maximumBytes: 2 ** 20 })
    const table = new ChecksumTable(memory, pageSizeBytes)
    const page = (fill: number): number => {
      const offset = memory.allocate(pageSizeBytes, 16)
      memory.bytes.fill(fill, offset, offset + pageSizeBytes)
      return offset
    }
    return { memory, table, page }
  }

  it('of nothing, and of zeros, are empty', () => {
    const { table, page } = create()
    expect(table.value()).toEqual(new Uint8Array(0))
    toggle(table, 7, page(0))
    expect(table.value()).toEqual(new Uint8Array(0))
  })

  it('have 8 bytes for each group up to the last that is not zero', () => {
    const { table, page } = create()
    toggle(table, 0, page(1))
    expect(table.value().length).toBe(8)
    toggle(table, 100 * pagesPerGroup, page(1))
    expect(table.value().length).toBe(101 * 8)
    toggle(table, 100 * pagesPerGroup, page(1))
    expect(table.value().length).toBe(8)
  })

  test.prop([fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 20 }), fc.integer()])(
    'do not depend on the order in which pages are counted',
    (pages, seed) => {
      const { table, memory, page } = create()
      const other = new ChecksumTable(memory, pageSizeBytes)
      const offsets = pages.map((number) => ({ number, offset: page((number ^ seed) & 255 || 1) }))
      for (const { number, offset } of offsets) toggle(table, number, offset)
      for (const { number, offset } of offsets.toReversed()) toggle(other, number, offset)
      expect(other.value()).toEqual(table.value())
      for (const { number, offset } of offsets) toggle(table, number, offset)
      expect(table.value().length).toBe(0)
    },
  )

  it('see two pages that changed places', () => {
    const { table, memory, page } = create()
    const other = new ChecksumTable(memory, pageSizeBytes)
    const [a, b] = [page(1), page(2)]
    toggle(table, 3, a)
    toggle(table, 4, b)
    toggle(other, 3, b)
    toggle(other, 4, a)
    expect(compareChecksums(table.value(), other.value())).toEqual([0])
  })

  it('are independent in a copy', () => {
    const { table, page } = create()
    toggle(table, 1, page(1))
    const before = table.value()
    const copy = table.copy()
    toggle(copy, 2, page(2))
    expect(table.value()).toEqual(before)
    expect(copy.value()).not.toEqual(before)
  })
})

describe('comparing checksums', () => {
  const sums = (...groups: number[]): Uint8Array =>
    Uint8Array.from(groups.flatMap((group) => [0, 0, 0, 0, 0, 0, 0, group]))

  it('names the groups that differ; what is missing at the end counts as zero', () => {
    expect(compareChecksums(sums(1, 2, 3), sums(1, 2, 3))).toEqual([])
    expect(compareChecksums(sums(1, 2, 3), sums(1, 9, 4))).toEqual([1, 2])
    expect(compareChecksums(sums(1, 0, 3), sums(1))).toEqual([2])
    expect(compareChecksums(sums(), sums(0, 5))).toEqual([1])
  })

  it('asserts whole groups', () => {
    expect(() => compareChecksums(new Uint8Array(7), sums())).toThrow(AssertionError)
  })
})
