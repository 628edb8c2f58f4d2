import { randomFillSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AssertionError, seededRandom } from '../../src/base/index.ts'
import type { ProtectedMemory } from '../../src/memory/index.ts'
import type { MemoryUnderTest } from './contract.ts'
import { expectBytes, pagesOf, programOf } from './model.ts'
import { startWriters } from './writers.ts'

const pageSizeBytes = 4096
const programPages = 32
const programBytes = programPages * pageSizeBytes
const none: ReadonlyMap<string, Uint8Array> = new Map()

/** Writes something into `bytes`, which are the program's memory at a page's beginning, and says which pages it changed. */
type Writer = (bytes: Uint8Array) => number[]

const writers: Record<string, Writer> = {
  'a store': (bytes) => {
    bytes[5 * pageSizeBytes + 7] = 0xa5
    return [5]
  },
  'a DataView across a page edge': (bytes) => {
    new DataView(bytes.buffer, bytes.byteOffset).setFloat64(3 * pageSizeBytes - 4, Math.PI)
    return [2, 3]
  },
  'an atomic store': (bytes) => {
    Atomics.store(new Int32Array(bytes.buffer, bytes.byteOffset, programBytes / 4), (4 * pageSizeBytes) / 4, 99)
    return [4]
  },
  'an atomic exchange': (bytes) => {
    const words = new BigInt64Array(bytes.buffer, bytes.byteOffset, programBytes / 8)
    Atomics.compareExchange(words, (7 * pageSizeBytes) / 8, words[(7 * pageSizeBytes) / 8]!, 99n)
    return [7]
  },
  set: (bytes) => {
    bytes.set(new Uint8Array(2 * pageSizeBytes).fill(0xb6), 9 * pageSizeBytes + 1)
    return [9, 10, 11]
  },
  fill: (bytes) => {
    bytes.fill(0xc7, 12 * pageSizeBytes, 15 * pageSizeBytes)
    return [12, 13, 14]
  },
  copyWithin: (bytes) => {
    bytes.copyWithin(20 * pageSizeBytes - 2, 40, 44)
    return [19, 20]
  },
  sort: (bytes) => {
    new Float64Array(bytes.buffer, bytes.byteOffset + 21 * pageSizeBytes, 2 * 512).sort().reverse()
    return [21, 22]
  },
  'bytes from a generator of random numbers': (bytes) => {
    randomFillSync(bytes, 23 * pageSizeBytes, 2 * pageSizeBytes)
    return [23, 24]
  },
}

/** What a memory promises about writes, whoever does them and however: none is missed. Pages of 4096 bytes. */
export function trackingContract({ name, make }: Pick<MemoryUnderTest, 'name' | 'make'>): void {
  /** A memory with content in all pages, captured and committed as checkpoint 1. */
  function filled(bytes = programBytes): ProtectedMemory {
    const memory = make({ programBytes: bytes })
    programOf(memory, bytes).forEach((_, i, content) => {
      content[i] = (i * 31) >>> 5
    })
    memory.capture(1, none)
    memory.recycle(1)
    return memory
  }

  const changedBy = (memory: ProtectedMemory): number[] => [...pagesOf(memory.delta(16), pageSizeBytes).keys()]

  describe(`${name}: writes`, () => {
    it.each(Object.entries(writers))('by %s are found and can be undone', (_, write) => {
      const memory = filled()
      const bytes = programOf(memory, programBytes)
      const before = bytes.slice()
      const changed = write(bytes)
      const after = bytes.slice()
      expect(memory.changedPages()).toBe(changed.length)
      expect(memory.writtenPages()).toBeGreaterThanOrEqual(changed.length)
      expect(memory.capture(2, none).changedPages).toBe(changed.length)
      expect(changedBy(memory)).toEqual(changed)
      bytes.fill(1)
      memory.restore(2)
      expectBytes(bytes, after)
      memory.capture(3, none)
      bytes[0] = 77
      memory.recycle(3)
      memory.restore(3)
      expectBytes(bytes, after)
      expect(before).not.toEqual(after)
    })

    it('by compiled loops are found in every interval', () => {
      const memory = filled()
      const words = new Uint32Array(memory.buffer, memory.programOffset, programBytes / 4)
      const random = seededRandom(1)
      const store = (at: number, value: number): void => {
        words[at] = value
      }
      for (let checkpoint = 2; checkpoint < 40; checkpoint += 1) {
        const expected = words.slice()
        const changed = new Set<number>()
        for (let i = 0; i < 3000; i += 1) {
          // Always the same page first, so that the optimized code meets pages that are open and pages that are not.
          const at = i % 2 === 0 ? i % 64 : random.integer(0, (checkpoint * 64) % words.length)
          store(at, words[at]! + 1)
          expected[at]! += 1
          changed.add(Math.floor(at / 1024))
        }
        memory.capture(checkpoint, none)
        expect(changedBy(memory)).toEqual([...changed].sort((a, b) => a - b))
        expectBytes(new Uint8Array(words.slice().buffer), new Uint8Array(expected.buffer))
        memory.recycle(checkpoint)
      }
    })

    it('to pages never touched before are found, and reading them is none', () => {
      const memory = make({ programBytes })
      const bytes = programOf(memory, programBytes)
      expect(bytes[8 * pageSizeBytes]).toBe(0)
      bytes[9 * pageSizeBytes] = 1
      memory.capture(1, none)
      expect(changedBy(memory)).toEqual([9])
      memory.recycle(1)
      bytes[8 * pageSizeBytes] = 1
      bytes[30 * pageSizeBytes] = 1
      memory.capture(2, none)
      expect(changedBy(memory)).toEqual([8, 30])
      memory.restore(1)
      expect([8, 9, 30].map((page) => bytes[page * pageSizeBytes])).toEqual([0, 1, 0])
    })

    it('are found while the memory grows for blobs', () => {
      const memory = filled()
      const bytes = programOf(memory, programBytes)
      for (let checkpoint = 2; checkpoint < 8; checkpoint += 1) {
        bytes[checkpoint * pageSizeBytes] = 200 + checkpoint
        memory.capture(checkpoint, new Map([['large', new Uint8Array(checkpoint ** 4 * 1000).fill(checkpoint)]]))
        expect(changedBy(memory).filter((page) => page < programPages)).toEqual([checkpoint])
        memory.recycle(checkpoint)
      }
      bytes.fill(0)
      memory.restore(7)
      expect(bytes[7 * pageSizeBytes]).toBe(207)
    })

    it('of two intervals are undone to the checkpoint before both, and of one to that between', () => {
      const memory = filled()
      const bytes = programOf(memory, programBytes)
      const first = bytes.slice()
      bytes.fill(2, 0, 3 * pageSizeBytes)
      memory.capture(2, none)
      bytes.fill(3, 2 * pageSizeBytes, 5 * pageSizeBytes)
      memory.restore(1)
      expectBytes(bytes, first)
      bytes.fill(4, pageSizeBytes, 6 * pageSizeBytes)
      const second = bytes.slice()
      memory.capture(2, none)
      expect(changedBy(memory)).toEqual([1, 2, 3, 4, 5])
      bytes.fill(5)
      memory.restore(2)
      expectBytes(bytes, second)
      bytes[0] = 250
      memory.capture(3, none)
      expect(changedBy(memory)).toEqual([0])
    })
  })

  threadContract(name, filled, changedBy)
}

function threadContract(
  name: string,
  filled: (programBytes?: number) => ProtectedMemory,
  changedBy: (memory: ProtectedMemory) => number[],
): void {
  describe(`${name}: threads`, () => {
    it('that write at the same time, also the same pages, are all noticed', async () => {
      const memory = filled()
      const bytes = programOf(memory, programBytes)
      for (let checkpoint = 2; checkpoint < 6; checkpoint += 1) {
        const before = bytes.slice()
        const writing = await startWriters(memory, programBytes, 3, 'rounds')
        await writing.ended
        const after = bytes.slice()
        expect(memory.capture(checkpoint, none).changedPages).toBe(programPages)
        expect(changedBy(memory).length).toBe(programPages)
        memory.restore(checkpoint - 1)
        expectBytes(bytes, before)
        bytes.set(after)
        memory.capture(checkpoint, none)
        memory.recycle(checkpoint)
      }
    })

    it('that write during a capture make it fail, and nothing is lost', async () => {
      const memory = filled()
      const bytes = programOf(memory, programBytes)
      const writing = await startWriters(memory, programBytes, 1, 'until stopped')
      let checkpoint = 1
      const captureNext = (): void => {
        memory.capture(checkpoint + 1, none)
        checkpoint += 1
        memory.recycle(checkpoint)
      }
      // A writer that just waits for the processor lets captures pass; on a busy machine, thousands of them.
      const captureMany = (): void => {
        while (checkpoint < 1_000_000) captureNext()
      }
      expect(captureMany).toThrow(AssertionError)
      expect(captureMany).toThrow('memory: nothing writes while a checkpoint is captured')
      await writing.stop()
      expect(memory.kept).toEqual([checkpoint])
      const own = pagesOf(memory.pages(checkpoint, 16), pageSizeBytes)
      const written = bytes.slice()
      memory.capture(checkpoint + 1, none)
      memory.restore(checkpoint)
      expectBytes(bytes, Buffer.concat([...own.values()]))
      bytes.set(written)
      captureNext()
      bytes.fill(1)
      memory.restore(checkpoint)
      expectBytes(bytes, written)
    })

    it('whose pages are read for the delta while they write change nothing of it', async () => {
      const memory = filled(64 * programBytes)
      const bytes = programOf(memory, 64 * programBytes)
      bytes.fill(9)
      memory.capture(2, none)
      const writing = await startWriters(memory, 64 * programBytes, 1, 'until stopped')
      for (let round = 0; round < 3; round += 1) {
        for (const [, content] of pagesOf(memory.pages(2, 16), pageSizeBytes)) {
          expect(content.every((byte) => byte === 9)).toBe(true)
        }
      }
      await writing.stop()
      memory.restore(2)
      expect(bytes.every((byte) => byte === 9)).toBe(true)
    })
  })
}
