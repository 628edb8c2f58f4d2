import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import { MemoryLimitError, type ProtectedMemory } from '../../src/memory/index.ts'
import { pagesPerGroup } from '../../src/parity/index.ts'
import { blob, blobContract } from './blob-contract.ts'
import { heldContract } from './held-contract.ts'
import {
  actionsArbitrary,
  expectBlobs,
  expectBytes,
  expectPages,
  Model,
  pagesOf,
  programOf,
  xorPages,
} from './model.ts'
import { pagesContract } from './pages-contract.ts'
import { populateContract } from './populate-contract.ts'

export interface MemoryUnderTest {
  readonly name: string
  readonly pageSizeBytes: number
  /** `changedPages` also counts pages that were written with what they held. */
  readonly countsWritten?: boolean
  make(options: { readonly programBytes: number; readonly maximumBytes?: number }): ProtectedMemory
}

const none: ReadonlyMap<string, Uint8Array> = new Map()
const maximumBytes = 64 * 2 ** 20

/** What every protected memory promises, however it finds the pages that changed. */
export function memoryContract({ name, pageSizeBytes, countsWritten = false, make }: MemoryUnderTest): void {
  const programPages = 5
  // The last page is not full.
  const programBytes = programPages * pageSizeBytes - 8
  const create = (): ProtectedMemory => make({ programBytes, maximumBytes })
  const bytesOf = (memory: ProtectedMemory): Uint8Array => programOf(memory, programBytes)
  const pages = (batches: Parameters<typeof pagesOf>[0]) => pagesOf(batches, pageSizeBytes)

  /** A fresh memory out of the pages of checkpoint `number` of `source`. */
  function rebuilt(source: ProtectedMemory, number: number, memory = create()): ProtectedMemory {
    for (const batch of source.pages(number, 3)) memory.absorb(batch)
    expect(memory.adopt(number, source.checksums(number))).toEqual([])
    return memory
  }

  describe(`${name}: any sequence of writes, captures, commits and undos`, () => {
    test.prop([actionsArbitrary(programBytes)], { numRuns: 40 })('keeps every byte that it should', (actions) => {
      const memory = create()
      const model = new Model(memory, programBytes)
      for (const action of actions) {
        model.apply(action)
        model.check()
      }
    })

    test.prop([actionsArbitrary(programBytes)], { numRuns: 20 })(
      'gives pages that rebuild each kept checkpoint',
      (actions) => {
        const memory = create()
        const model = new Model(memory, programBytes)
        for (const action of actions) model.apply(action)
        bytesOf(memory).fill(0xee)
        for (const { number, program, blobs } of model.kept) {
          const other = rebuilt(memory, number)
          expectBytes(bytesOf(other), program)
          expectBlobs(other.blobs(), blobs)
          expect(other.kept).toEqual([number])
          expect(other.checksums(number)).toEqual(memory.checksums(number))
        }
      },
    )

    test.prop([actionsArbitrary(programBytes)], { numRuns: 20 })(
      'leaves deltas that lead from one checkpoint to the next',
      (actions) => {
        const memory = create()
        const model = new Model(memory, programBytes)
        for (const action of actions) {
          model.apply(action)
          if (memory.kept.length < 2) continue
          const [before, after] = memory.kept.map((number) => pages(memory.pages(number, 2)))
          expectPages(xorPages(pages(memory.delta(2)), before!), after!)
        }
      },
    )
  })

  describe(`${name}: capture`, () => {
    it('begins as zeros, which is checkpoint 0', () => {
      const memory = create()
      expect(memory.kept).toEqual([0])
      expect(memory.changedPages()).toBe(0)
      expect(memory.checksums(0)).toEqual(new Uint8Array(0))
      expect([...memory.pages(0, 4)]).toEqual([])
      expectBytes(bytesOf(memory), new Uint8Array(programBytes))
      expect(memory.programOffset % pageSizeBytes).toBe(0)
    })

    it('counts the pages that changed, and says so before', () => {
      const memory = create()
      bytesOf(memory)[0] = 1
      bytesOf(memory)[3 * pageSizeBytes] = 1
      expect(memory.changedPages()).toBe(2)
      expect(memory.writtenPages()).toBeGreaterThanOrEqual(2)
      expect(memory.capture(1, none)).toEqual({ changedPages: 2, deltaBytes: 2 * pageSizeBytes })
      expect(memory.changedPages()).toBe(0)
      bytesOf(memory)[0] = 2
      bytesOf(memory)[0] = 1
      expect(memory.changedPages()).toBe(countsWritten ? 1 : 0)
      memory.recycle(1)
      expect(memory.capture(2, none)).toEqual({ changedPages: 0, deltaBytes: 0 })
    })

    it('goes back to the one before and then captures the same number again', () => {
      const memory = create()
      bytesOf(memory).fill(1)
      memory.capture(1, new Map([['a', blob(10, 1)]]))
      memory.recycle(1)
      bytesOf(memory).fill(2)
      memory.capture(2, new Map([['a', blob(10, 2)]]))
      memory.restore(1)
      expectBytes(bytesOf(memory), blob(programBytes, 1))
      bytesOf(memory)[5] = 9
      memory.capture(2, new Map([['a', blob(10, 3)]]))
      memory.restore(2)
      expect(bytesOf(memory)[5]).toBe(9)
      expectBlobs(memory.blobs(), new Map([['a', blob(10, 3)]]))
    })

    it('keeps what views see: they stay valid while the memory grows behind them', () => {
      const memory = create()
      const view = bytesOf(memory)
      view[7] = 7
      memory.capture(1, new Map([['large', blob(300 * pageSizeBytes, 1)]]))
      view[7] = 8
      expect(bytesOf(memory)[7]).toBe(8)
      memory.restore(1)
      expect(view[7]).toBe(7)
    })

    it('asserts the order of numbers', () => {
      const memory = create()
      expect(() => memory.capture(2, none)).toThrow(AssertionError)
      memory.capture(1, none)
      expect(() => memory.capture(2, none)).toThrow(AssertionError)
      expect(() => memory.recycle(2)).toThrow(AssertionError)
      memory.recycle(0)
      expect(memory.kept).toEqual([0, 1])
      memory.recycle(1)
      memory.recycle(1)
      expect(memory.kept).toEqual([1])
      expect(() => memory.restore(0)).toThrow(AssertionError)
      expect(() => memory.delta(1)).toThrow(AssertionError)
      expect(() => memory.pages(0, 1)).toThrow(AssertionError)
      expect(() => memory.checksums(2)).toThrow(AssertionError)
    })
  })

  describe(`${name}: deltas and pages`, () => {
    it('are of captured content while the program already writes again', () => {
      const memory = create()
      bytesOf(memory).fill(1)
      memory.capture(1, none)
      memory.recycle(1)
      bytesOf(memory).fill(3, 0, 2 * pageSizeBytes)
      memory.capture(2, none)
      const delta = memory.delta(1)
      const former = memory.pages(1, 1)
      const seen = [delta.next().value!]
      const old = [former.next().value!]
      bytesOf(memory).fill(0x55)
      seen.push(...delta)
      old.push(...former)
      expect(pages(seen)).toEqual(new Map([0, 1].map((page) => [page, blob(pageSizeBytes, 2)])))
      expect(pages(old).get(0)).toEqual(blob(pageSizeBytes, 1))
      expect([...pages(old).keys()]).toEqual([0, 1, 2, 3, 4])
    })

    it('come in batches of the asked size, ascending, with bytes of their own', () => {
      const memory = create()
      bytesOf(memory).fill(1)
      memory.capture(1, none)
      const batches = [...memory.delta(2)]
      expect(batches.map(({ numbers }) => numbers)).toEqual([[0, 1], [2, 3], [4]])
      memory.restore(0)
      memory.clear()
      expect(batches[1]!.bytes).toEqual(blob(2 * pageSizeBytes, 1))
    })

    it('are not read on once their checkpoint is gone', () => {
      const memory = create()
      bytesOf(memory).fill(1)
      memory.capture(1, none)
      const delta = memory.delta(1)
      const former = memory.pages(0, 1)
      delta.next()
      memory.recycle(1)
      expect(() => delta.next()).toThrow(AssertionError)
      expect(() => former.next()).toThrow(AssertionError)
    })

    it('leave out pages that became zeros, unless they are those of a delta', () => {
      const memory = create()
      bytesOf(memory).fill(1)
      memory.capture(1, none)
      memory.recycle(1)
      bytesOf(memory).fill(0, 0, 4 * pageSizeBytes)
      memory.capture(2, none)
      expect([...pages(memory.pages(2, 8)).keys()]).toEqual([4])
      expect([...pages(memory.pages(1, 8)).keys()]).toEqual([0, 1, 2, 3, 4])
      expect([...pages(memory.delta(8)).keys()]).toEqual([0, 1, 2, 3])
    })
  })

  populateContract({ name, pageSizeBytes, make: (bytes) => make({ programBytes: bytes, maximumBytes }) })
  heldContract({ name, pageSizeBytes, make: (bytes) => make({ programBytes: bytes, maximumBytes }) })
  pagesContract({ name, pageSizeBytes, make: (bytes) => make({ programBytes: bytes, maximumBytes }) })
  blobContract(name, pageSizeBytes, create)
  rebuildContract({ name, pageSizeBytes, make }, rebuilt)
  limitContract({ name, pageSizeBytes, make })
}

function rebuildContract(
  { name, pageSizeBytes, make }: MemoryUnderTest,
  rebuilt: (source: ProtectedMemory, number: number, memory: ProtectedMemory) => ProtectedMemory,
): void {
  describe(`${name}: rebuild`, () => {
    test.prop([fc.array(fc.nat(20_000), { minLength: 1, maxLength: 4 }), fc.nat()], { numRuns: 30 })(
      'out of the parity of several memories of unequal sizes and the other ones',
      (sizes, pick) => {
        const memories = sizes.map((programBytes, rank) => {
          const memory = make({ programBytes, maximumBytes })
          programOf(memory, programBytes).fill(rank + 1)
          memory.capture(1, new Map([['state', blob(100 * rank, 7)]]))
          return memory
        })
        const lost = pick % memories.length
        const fresh = make({ programBytes: sizes[lost]!, maximumBytes })
        // The parity, and then each of the others: twice every survivor, and once the lost one.
        for (const memory of [...memories, ...memories.filter((_, rank) => rank !== lost)]) {
          for (const batch of memory.pages(1, 5)) fresh.absorb(batch)
        }
        expect(fresh.adopt(1, memories[lost]!.checksums(1))).toEqual([])
        expectBytes(programOf(fresh, sizes[lost]!), blob(sizes[lost]!, lost + 1))
        expectBlobs(fresh.blobs(), memories[lost]!.blobs())
      },
    )

    it('goes on as the lost one would have', () => {
      const memory = make({ programBytes: 100, maximumBytes })
      memory.capture(
        1,
        new Map([
          ['a', blob(3 * pageSizeBytes, 1)],
          ['b', blob(5, 2)],
        ]),
      )
      memory.recycle(1)
      const other = rebuilt(memory, 1, make({ programBytes: 100, maximumBytes }))
      const next = new Map([
        ['b', blob(9, 3)],
        ['c', blob(2 * pageSizeBytes, 4)],
      ])
      for (const one of [memory, other]) one.capture(2, next)
      expect([...other.pages(2, 4)]).toEqual([...memory.pages(2, 4)])
      expect(other.checksums(2)).toEqual(memory.checksums(2))
    })

    it('names the page groups that are damaged, and adopts nothing until the memory was cleared', () => {
      const programBytes = 3 * pagesPerGroup * pageSizeBytes
      const source = make({ programBytes, maximumBytes })
      programOf(source, programBytes).fill(1)
      source.capture(1, none)
      const memory = make({ programBytes, maximumBytes })
      for (const batch of source.pages(1, 50)) memory.absorb(batch)
      programOf(memory, programBytes)[pagesPerGroup * pageSizeBytes] = 2
      programOf(memory, programBytes)[2 * pagesPerGroup * pageSizeBytes + 9] = 2
      expect(memory.adopt(1, source.checksums(1))).toEqual([1, 2])
      expect(memory.kept).toEqual([0])
      memory.clear()
      expectBytes(programOf(memory, programBytes), blob(programBytes, 0))
      for (const batch of source.pages(1, 50)) memory.absorb(batch)
      expect(memory.adopt(1, source.checksums(1))).toEqual([])
      expectBytes(programOf(memory, programBytes), blob(programBytes, 1))
    })

    it('without checksums takes what there is', () => {
      const memory = make({ programBytes: 32, maximumBytes })
      expect(memory.adopt(4, null)).toEqual([])
      expect(memory.kept).toEqual([4])
      memory.capture(5, none)
      expect(memory.kept).toEqual([4, 5])
    })
  })

  describe(`${name}: clear and close`, () => {
    it('clear makes it as good as new', () => {
      const memory = make({ programBytes: 100, maximumBytes })
      programOf(memory, 100).fill(1)
      memory.capture(1, new Map([['a', blob(9, 1)]]))
      memory.recycle(1)
      programOf(memory, 100).fill(2)
      memory.capture(2, new Map([['a', blob(9, 2)]]))
      programOf(memory, 100).fill(3)
      memory.clear()
      expect(memory.kept).toEqual([0])
      expect(memory.blobs()).toEqual(new Map())
      expect(memory.changedPages()).toBe(0)
      expect([...memory.pages(0, 4)]).toEqual([])
      expectBytes(programOf(memory, 100), blob(100, 0))
      programOf(memory, 100).fill(4)
      expect(memory.capture(1, none)).toMatchObject({ changedPages: Math.ceil(100 / pageSizeBytes) })
      expect(pagesOf(memory.delta(4), pageSizeBytes).get(0)!.subarray(0, 32)).toEqual(blob(32, 4))
    })

    it('nothing can be called after close', () => {
      const memory = make({ programBytes: 100, maximumBytes })
      memory.capture(1, none)
      memory.close()
      const calls: (() => unknown)[] = [
        () => memory.buffer,
        () => memory.kept,
        () => memory.changedPages(),
        () => memory.blobs(),
        () => memory.delta(1),
        () => memory.pages(1, 1),
        () => memory.checksums(1),
        () => memory.restore(1),
        () => memory.recycle(1),
        () => memory.capture(2, none),
      ]
      for (const call of calls) expect(call).toThrow(AssertionError)
    })
  })
}

function limitContract({ name, pageSizeBytes, make }: MemoryUnderTest): void {
  describe(`${name}: limits`, () => {
    it('a program memory that cannot fit with its checkpoints is refused, with its size and the limit', () => {
      expect(() => make({ programBytes: 8 * 2 ** 20, maximumBytes: 2 ** 24 })).toThrow(MemoryLimitError)
      expect(() => make({ programBytes: 8 * 2 ** 20, maximumBytes: 2 ** 24 })).toThrow(
        /^a program memory of 8\.0 MiB needs 2\d\.\d MiB with its checkpoints, more than the 16\.0 MiB a processor can have$/,
      )
    })

    it('a capture that does not fit throws, and undo still works', () => {
      const programBytes = 32 * pageSizeBytes
      const limit = 4 * 2 ** 20
      const memory = make({ programBytes, maximumBytes: limit })
      const blobs = new Map([['a', blob(100, 1)]])
      programOf(memory, programBytes).fill(1)
      memory.capture(1, blobs)
      memory.recycle(1)
      programOf(memory, programBytes).fill(2)
      expect(() => memory.capture(2, new Map([['b', blob(limit, 2)]]))).toThrow(MemoryLimitError)
      memory.restore(1)
      expect(memory.kept).toEqual([1])
      expectBytes(programOf(memory, programBytes), blob(programBytes, 1))
      expectBlobs(memory.blobs(), blobs)
      memory.capture(2, none)
      expect(memory.kept).toEqual([1, 2])
    })

    it('even the first one, at any size at which it stops fitting', () => {
      const programBytes = 32 * pageSizeBytes
      let refused = 0
      for (let blobBytes = 2 ** 15; blobBytes < 2 ** 22; blobBytes += 3 * 2 ** 15) {
        const memory = make({ programBytes, maximumBytes: 4 * 2 ** 20 })
        programOf(memory, programBytes).fill(1)
        try {
          memory.capture(1, new Map([['a', blob(blobBytes, 1)]]))
          expect(memory.blobs().size).toBe(1)
        } catch (error) {
          expect(error).toBeInstanceOf(MemoryLimitError)
          refused += 1
        }
        memory.restore(0)
        expect(memory.blobs().size).toBe(0)
        expectBytes(programOf(memory, programBytes), blob(programBytes, 0))
      }
      expect(refused).toBeGreaterThan(0)
    })
  })
}
