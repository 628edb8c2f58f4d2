import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import type { ProtectedMemory } from '../../src/memory/index.ts'
import type { PageBatch } from '../../src/parity/index.ts'
import { scaled } from '../parity/naive-field.ts'
import { actionsArbitrary, expectPages, Model, pagesOf, programOf, xorPages } from './model.ts'

type Pages = Map<number, Uint8Array>

const nothing: PageBatch = { numbers: [], bytes: new Uint8Array(0) }
const none: ReadonlyMap<string, Uint8Array> = new Map()

export interface PagesContractOptions {
  readonly name: string
  readonly pageSizeBytes: number
  make(programBytes: number): ProtectedMemory
}

/** What a memory promises as a link in the chain of a rebuild. */
export function pagesContract({ name, pageSizeBytes, make }: PagesContractOptions): void {
  const programBytes = 6 * pageSizeBytes - 8
  const coefficientArbitrary = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 255 }))
  const page = (fill: number): Uint8Array => new Uint8Array(pageSizeBytes).fill(fill)
  const read = (batches: Iterable<PageBatch>): Pages => pagesOf(batches, pageSizeBytes)
  const times = (pages: Pages, coefficient: number): Pages =>
    new Map([...pages].map(([number, bytes]) => [number, scaled(bytes, coefficient)]))
  const batchOf = (pages: Pages): PageBatch => ({
    numbers: [...pages.keys()],
    bytes: new Uint8Array(Buffer.concat([...pages.values()])),
  })

  /** Batches with pages that the memory has, too, and others behind its last. */
  const incomingArbitrary = fc
    .uniqueArray(fc.oneof(fc.nat(10), fc.nat(400)), { maxLength: 9 })
    .chain((numbers) => fc.tuple(fc.constant(numbers.sort((a, b) => a - b)), fc.infiniteStream(fc.nat(3))))
    .map(([numbers, fills]) => batchOf(new Map(numbers.map((number) => [number, page(fills.next().value!)]))))

  describe(`${name}: a link in the chain of a rebuild`, () => {
    test.prop([actionsArbitrary(programBytes), incomingArbitrary, coefficientArbitrary, fc.nat(12), fc.nat(90)], {
      numRuns: 40,
    })('adds its pages of a range to what comes in', (actions, incoming, coefficient, first, length) => {
      const memory = make(programBytes)
      const model = new Model(memory, programBytes)
      for (const action of actions) model.apply(action)
      programOf(memory, programBytes).fill(0xee)
      for (const { number } of model.kept) {
        const image = [...read(memory.pages(number, 4))]
        const own = new Map(image.filter(([at]) => at >= first && at < first + length))
        const sum = memory.addPages(number, coefficient, incoming, first, first + length)
        const expected = xorPages(read([incoming]), times(own, coefficient))
        expect(sum.numbers).toEqual([...expected.keys()])
        expectPages(read([sum]), expected)
        expectPages(read(memory.pages(number, 4, coefficient)), times(new Map(image), coefficient))
      }
    })

    test.prop([fc.array(fc.tuple(fc.nat(9), fc.nat(255), coefficientArbitrary), { minLength: 1, maxLength: 4 })], {
      numRuns: 20,
    })('makes, range by range, the sum of memories of unequal sizes', (links) => {
      const memories = links.map(([pages, fill]) => {
        const memory = make(pages * pageSizeBytes + 5)
        programOf(memory, pages * pageSizeBytes + 5).fill(fill)
        memory.capture(1, new Map([['state', page(fill)]]))
        return memory
      })
      let expected: Pages = new Map()
      links.forEach(([, , coefficient], i) => {
        expected = xorPages(expected, times(read(memories[i]!.pages(1, 8)), coefficient))
      })
      const sums: PageBatch[] = []
      for (let first = 0; first < Math.max(...memories.map(({ pageEnd }) => pageEnd)); first += 3) {
        let sum = nothing
        links.forEach(([, , coefficient], i) => {
          sum = memories[i]!.addPages(1, coefficient, sum, first, first + 3)
        })
        sums.push(sum)
      }
      expectPages(read(sums), expected)
    })

    it('passes on bytes of its own, and leaves out what cancels itself', () => {
      const memory = make(programBytes)
      programOf(memory, programBytes).fill(1, 0, 2 * pageSizeBytes)
      memory.capture(1, none)
      const sum = memory.addPages(1, 1, nothing, 0, memory.pageEnd)
      expect(read([sum])).toMatchObject(
        new Map([
          [0, page(1)],
          [1, page(1)],
        ]),
      )
      expect(memory.addPages(1, 1, sum, 0, 1).numbers).toEqual(sum.numbers.slice(1))
      expect(memory.addPages(1, 1, sum, 0, memory.pageEnd)).toEqual(nothing)
      memory.addPages(1, 3, nothing, 0, 2)
      expect(sum.bytes.subarray(0, pageSizeBytes)).toEqual(page(1))
    })

    it('asserts what it is given', () => {
      const memory = make(programBytes)
      expect(() => memory.addPages(1, 1, nothing, 0, 1)).toThrow(AssertionError)
      expect(() => memory.addPages(0, 0, nothing, 0, 1)).toThrow(AssertionError)
      expect(() => memory.addPages(0, 256, nothing, 0, 1)).toThrow(AssertionError)
      expect(() => memory.addPages(0, 1, { numbers: [1], bytes: new Uint8Array(1) }, 0, 1)).toThrow(AssertionError)
      memory.close()
      expect(() => memory.addPages(0, 1, nothing, 0, 1)).toThrow(AssertionError)
      expect(() => memory.pageEnd).toThrow(AssertionError)
    })
  })
}
