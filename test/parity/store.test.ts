import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import { MemoryLimitError, ParityStore } from '../../src/parity/index.ts'
import { bothKernels } from './both-kernels.ts'
import { batchOf, contentOf, difference, memoryArbitrary, pageSizeBytes, trimmed } from './page-memories.ts'

const maximumBytes = 2 ** 20

describe.each(bothKernels)('a parity store with $name kernels', (kernels) => {
  const create = (): ParityStore => new ParityStore(kernels, { pageSizeBytes, maximumBytes })

  test.prop([fc.array(memoryArbitrary, { minLength: 1, maxLength: 6 }), fc.nat(), fc.integer({ min: 1, max: 5 })])(
    'rebuilds any one of any set of memories, of unequal sizes',
    (memories, pick, pagesPerBatch) => {
      const parity = create()
      for (const memory of memories) parity.stage(batchOf(memory))
      parity.applyStaged()
      const lost = pick % memories.length
      const rebuilt = create()
      for (const batch of parity.pages(pagesPerBatch)) rebuilt.absorb(batch)
      memories.forEach((memory, rank) => {
        if (rank !== lost) rebuilt.absorb(batchOf(memory))
      })
      expect(contentOf(rebuilt.pages(pagesPerBatch))).toEqual(trimmed(memories[lost]!))
    },
  )

  test.prop([fc.array(fc.array(memoryArbitrary, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 })])(
    'follows the memories through any number of deltas',
    (checkpoints) => {
      const parity = create()
      let former = [0, 1, 2].map(() => new Uint8Array(0))
      for (const memories of checkpoints) {
        for (const [rank, memory] of memories.entries()) parity.stage(batchOf(difference(former[rank]!, memory)))
        parity.applyStaged()
        expect(contentOf(parity.pages(4))).toEqual(trimmed(memories.reduce(difference, new Uint8Array(0))))
        former = memories
      }
    },
  )

  test.prop([memoryArbitrary, memoryArbitrary])('staging twice undoes', (first, second) => {
    const parity = create()
    parity.stage(batchOf(first))
    parity.stage(batchOf(second))
    expect(contentOf(parity.staged(3))).toEqual(trimmed(difference(first, second)))
    parity.stage(batchOf(first))
    expect(contentOf(parity.staged(3))).toEqual(trimmed(second))
    parity.stage(batchOf(second))
    expect(parity.stagedPages).toBe(0)
    expect(parity.bytes).toBe(0)
  })

  test.prop([memoryArbitrary, fc.array(memoryArbitrary, { maxLength: 4 }), fc.boolean()])(
    'what is staged never touches the parity until it is applied',
    (first, deltas, applies) => {
      const parity = create()
      parity.absorb(batchOf(first))
      for (const delta of deltas) {
        parity.stage(batchOf(delta))
        expect(contentOf(parity.pages(2))).toEqual(trimmed(first))
      }
      if (applies) parity.applyStaged()
      else parity.dropStaged()
      const expected = applies ? deltas.reduce(difference, first) : first
      expect(contentOf(parity.pages(2))).toEqual(trimmed(expected))
      expect(parity.stagedPages).toBe(0)
      expect(parity.bytes).toBe(batchOf(expected).numbers.length * pageSizeBytes)
    },
  )

  it('gives batches of the asked size, in ascending order, with bytes of their own', () => {
    const parity = create()
    for (const page of [9, 2, 40, 0, 5]) parity.stage({ numbers: [page], bytes: new Uint8Array(16).fill(page + 1) })
    const batches = [...parity.staged(2)]
    expect(batches.map(({ numbers }) => numbers)).toEqual([[0, 2], [5, 9], [40]])
    parity.clear()
    expect(batches[2]!.bytes).toEqual(new Uint8Array(16).fill(41))
  })

  it('keeps many pages apart, in batches that do not divide its chunks of space', () => {
    const parity = create()
    const pages = Array.from({ length: 700 }, (_, page) => page)
    const content = Uint8Array.from({ length: 700 * pageSizeBytes }, (_, i) => 1 + ((i >> 4) % 251))
    for (let from = 0; from < 700; from += 50) {
      const bytes = content.subarray(from * pageSizeBytes, (from + 50) * pageSizeBytes)
      parity.stage({ numbers: pages.slice(from, from + 50), bytes })
    }
    expect(contentOf(parity.staged(33))).toEqual([...content])
    parity.applyStaged()
    expect(contentOf(parity.pages(33))).toEqual([...content])
  })

  it('is empty after it was cleared, and uses its space again', () => {
    const parity = new ParityStore(kernels, { pageSizeBytes: 4096, maximumBytes: 1_500_000 })
    const numbers = Array.from({ length: 64 }, (_, page) => page)
    for (let round = 1; round <= 20; round += 1) {
      parity.absorb({ numbers, bytes: new Uint8Array(64 * 4096).fill(round) })
      parity.stage({ numbers, bytes: new Uint8Array(64 * 4096).fill(round + 1) })
      expect(parity.bytes).toBe(2 * 64 * 4096)
      parity.clear()
      expect(parity.bytes).toBe(0)
      expect([...parity.pages(8), ...parity.staged(8)]).toEqual([])
    }
  })

  it('has room for as many pages as were reserved, in the memory that was named, and touching it changes nothing', () => {
    const parity = new ParityStore(kernels, { pageSizeBytes: 4096, maximumBytes: 900_000 })
    const added = [...parity.reserve(70), ...parity.reserve(100), ...parity.reserve(60)]
    const touch = (): void => {
      for (const bytes of added) {
        for (let at = 0; at < bytes.length; at += 4096) Atomics.compareExchange(bytes, at, 0, 0)
      }
    }
    expect(added.map(({ length }) => length / 4096)).toEqual([70, 30])
    const numbers = Array.from({ length: 100 }, (_, page) => page)
    const bytes = new Uint8Array(100 * 4096).fill(7)
    touch()
    parity.stage({ numbers, bytes })
    touch()
    expect([...parity.staged(100)]).toEqual([{ numbers, bytes }])
    expect(added.map((one) => one[0])).toEqual([7, 7])
    parity.clear()
    expect(parity.reserve(100)).toEqual([])
    expect(() => parity.reserve(1000)).toThrow(MemoryLimitError)
  })

  it('stages nothing of a batch that does not fit', () => {
    const parity = new ParityStore(kernels, { pageSizeBytes: 4096, maximumBytes: 2 ** 20 })
    const stage = (from: number): void => {
      const numbers = Array.from({ length: 50 }, (_, i) => from + i)
      parity.stage({ numbers, bytes: new Uint8Array(50 * 4096).fill(1) })
    }
    stage(0)
    let pages = 0
    expect(() => {
      for (let from = 50; ; from += 50) {
        pages = parity.stagedPages
        stage(from)
      }
    }).toThrow(MemoryLimitError)
    expect(parity.stagedPages).toBe(pages)
    parity.dropStaged()
    stage(1000)
    expect(parity.stagedPages).toBe(50)
  })

  it('asserts what it is given', () => {
    expect(() => create().stage({ numbers: [1, 2], bytes: new Uint8Array(16) })).toThrow(AssertionError)
    expect(() => new ParityStore(kernels, { pageSizeBytes: 20 })).toThrow('parity: page size is a multiple of 16')
  })
})
