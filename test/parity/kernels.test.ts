import { readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError, seededRandom } from '../../src/base/index.ts'
import {
  type KernelMemory,
  type KernelModule,
  kernelMemoryBytesMax,
  MemoryLimitError,
  supportsKernels,
} from '../../src/parity/index.ts'
import { reserve } from '../../src/parity/kernel-memory.ts'
import { expectBytes } from '../memory/model.ts'
import { bothKernels } from './both-kernels.ts'
import { scaled } from './naive-field.ts'

const maximumBytes = 2 ** 20

/** Page sizes that go through every tail of the unrolled loops. */
const pageSizes = [16, 32, 48, 64, 80, 96, 112, 256]

function randomBytes(seed: number, length: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length }, () => random.integer(0, 255))
}

function put(memory: KernelMemory, content: Uint8Array): number {
  const offset = memory.allocate(content.length, 16)
  memory.bytes.set(content, offset)
  return offset
}

function get(memory: KernelMemory, offset: number, length: number): Uint8Array {
  return memory.bytes.slice(offset, offset + length)
}

function hashOf(memory: KernelMemory, content: Uint8Array, pageNumber: number): string {
  const target = memory.allocate(8, 8)
  memory.addHash(target, put(memory, content), content.length, pageNumber)
  return Buffer.from(get(memory, target, 8)).toString('hex')
}

it('both kinds of kernels are tried', () => {
  expect(bothKernels.map(({ name }) => name)).toEqual(['portable', 'simd'])
})

it('bytes that are no WASM module are not supported', () => {
  const wasm = readFileSync(new URL('../../dist/parity/kernels.wasm', import.meta.url))
  expect(supportsKernels(wasm)).toBe(true)
  expect(supportsKernels(wasm.subarray(0, 100))).toBe(false)
})

describe.each(bothKernels)('$name kernels', (kernels) => {
  const create = (): KernelMemory => kernels.create({ maximumBytes })

  describe('space', () => {
    it('is zero, aligned, apart from what was given before, and never at offset 0', () => {
      const memory = create()
      const pieces = [100, 4096, 3, 70_000].map((bytes) => ({ bytes, offset: memory.allocate(bytes, 64) }))
      let end = 1
      for (const { bytes, offset } of pieces) {
        expect(offset % 64).toBe(0)
        expect(offset).toBeGreaterThanOrEqual(end)
        expect(get(memory, offset, bytes).every((byte) => byte === 0)).toBe(true)
        memory.bytes.fill(255, offset, offset + bytes)
        end = offset + bytes
      }
      expect(memory.allocatedBytes).toBe(end)
    })

    it('keeps what it holds when it grows, and older views go on seeing it', () => {
      const memory = create()
      const offset = memory.allocate(16, 16)
      const before = memory.bytes
      memory.allocate(200_000, 16)
      memory.bytes[offset] = 7
      expect(before[offset]).toBe(7)
      expect(memory.bytes.length).toBeGreaterThan(before.length)
    })

    it('ends at the maximum with a MemoryLimitError, and what fits is still given', () => {
      const memory = create()
      const room = maximumBytes - memory.allocatedBytes
      expect(() => memory.allocate(room + 4, 4)).toThrow(MemoryLimitError)
      expect(() => memory.allocate(room + 4, 4)).toThrow(
        'the protected memory needs 1.0 MiB with its checkpoints, more than the 1.0 MiB a processor can have',
      )
      expect(memory.allocate(room, 4) + room).toBe(maximumBytes)
    })

    it('keeps an odd maximum to the byte', () => {
      const memory = kernels.create({ maximumBytes: 100_000 })
      memory.allocate(100_000 - memory.allocatedBytes, 4)
      expect(() => memory.allocate(4, 4)).toThrow(MemoryLimitError)
    })

    it('reaches as far as 32-bit offsets do', () => {
      expect(kernels.create({ maximumBytes: kernelMemoryBytesMax }).maximumBytes).toBe(2 ** 32)
      expect(() => kernels.create({ maximumBytes: kernelMemoryBytesMax + 1 })).toThrow(AssertionError)
    })
  })

  describe('loops', () => {
    test.prop([fc.constantFrom(...pageSizes), fc.integer()])('copy, XOR and look for zeros', (size, seed) => {
      const memory = create()
      const [left, right] = [randomBytes(seed, size), randomBytes(seed ^ 1, size)]
      const [a, b, target] = [put(memory, left), put(memory, right), memory.allocate(size, 16)]
      memory.copy(target, a, size)
      expect(get(memory, target, size)).toEqual(left)
      memory.xor(target, a, b, size)
      expect(get(memory, target, size)).toEqual(left.map((byte, i) => byte ^ right[i]!))
      memory.xor(target, target, b, size)
      expect(get(memory, target, size)).toEqual(left)
      memory.xor(target, a, target, size)
      expect(memory.isZero(target, size)).toBe(true)
    })

    it.each(pageSizes)('multiply %i bytes by every coefficient, in place too', (size) => {
      const memory = create()
      const [left, right] = [randomBytes(size, size), randomBytes(size + 1, size)]
      const [source, target] = [put(memory, right), memory.allocate(size + 16, 16)]
      for (let coefficient = 0; coefficient < 256; coefficient += 1) {
        const product = scaled(right, coefficient)
        const sum = left.map((byte, i) => byte ^ product[i]!)
        memory.bytes.fill(0xaa, target, target + size + 16)
        memory.multiply(target, source, coefficient, size)
        expectBytes(get(memory, target, size), product)
        memory.bytes.set(left, target)
        memory.multiplyAdd(target, source, coefficient, size)
        expectBytes(get(memory, target, size), sum)
        expectBytes(get(memory, source, size), right)
        memory.multiply(target, target, coefficient, size)
        expectBytes(get(memory, target, size), scaled(sum, coefficient))
        memory.bytes.set(right, target)
        memory.multiplyAdd(target, target, coefficient, size)
        expectBytes(get(memory, target, size), scaled(right, coefficient ^ 1))
        expectBytes(get(memory, target + size, 16), new Uint8Array(16).fill(0xaa))
      }
    })

    it('multiply every byte by every coefficient', () => {
      const memory = create()
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const [source, target] = [put(memory, bytes), memory.allocate(256, 16)]
      for (let coefficient = 0; coefficient < 256; coefficient += 1) {
        memory.multiply(target, source, coefficient, 256)
        expectBytes(get(memory, target, 256), scaled(bytes, coefficient))
      }
    })

    it.each(pageSizes)('see a single bit anywhere in %i bytes', (size) => {
      const memory = create()
      const live = memory.allocate(size, 16)
      const shadow = memory.allocate(size, 16)
      for (let at = 0; at < size; at += 1) {
        memory.bytes[live + at] = 1 << (at % 8)
        expect(memory.isZero(live, size)).toBe(false)
        expect(memory.countChanged(live, shadow, 1, size)).toBe(1)
        memory.bytes[live + at] = 0
      }
      expect(memory.isZero(live, size)).toBe(true)
      expect(memory.countChanged(live, shadow, 1, size)).toBe(0)
    })
  })

  describe('hash', () => {
    const size = 4096

    it('differs when any one byte or the page number does', () => {
      const memory = kernels.create({ maximumBytes: 64 * 2 ** 20 })
      const content = randomBytes(3, size)
      const seen = new Set([hashOf(memory, content, 0)])
      for (let at = 0; at < size; at += 7) {
        const other = content.slice()
        other[at]! ^= 1 << (at % 8)
        seen.add(hashOf(memory, other, 0))
      }
      for (let page = 1; page <= 100; page += 1) seen.add(hashOf(memory, content, page))
      expect(seen.size).toBe(1 + Math.ceil(size / 7) + 100)
    })

    it('of zeros counts nothing, and a hash counted twice cancels itself', () => {
      const memory = create()
      expect(hashOf(memory, new Uint8Array(size), 5)).toBe('0'.repeat(16))
      const target = memory.allocate(8, 8)
      const page = put(memory, randomBytes(1, size))
      memory.addHash(target, page, size, 5)
      expect(memory.isZero(target - (target % 16), 16)).toBe(false)
      memory.addHash(target, page, size, 5)
      expect(get(memory, target, 8)).toEqual(new Uint8Array(8))
    })
  })

  describe('tracking', () => {
    it('stops for want of a frame and goes on from there', () => {
      const tracked = new Tracked(kernels, 16, 4, 2)
      tracked.fill([1, 2, 3, 4])
      expect(tracked.capture(0)).toBe(4)
      expect(tracked.changes()).toEqual([0, 1, 2, 3].map((page) => ({ page, former: 0 })))
      tracked.forgetChanges()
      tracked.fill([5, 2, 6, 7])
      expect(tracked.capture(0)).toBe(3)
      expect(tracked.changes().map(({ page }) => page)).toEqual([0, 2])
      expect(tracked.changes().map(({ former }) => tracked.memory.bytes[former])).toEqual([1, 3])
      tracked.addFrame()
      expect(tracked.capture(3)).toBe(4)
      expect(tracked.memory.bytes[tracked.changes()[2]!.former]).toBe(4)
      expect(tracked.shadow()).toEqual([5, 2, 6, 7])
    })

    it('restores what differs', () => {
      const tracked = new Tracked(kernels, 48, 3, 0)
      tracked.fill([1, 2, 3])
      tracked.capture(0)
      tracked.fill([9, 2, 0])
      tracked.memory.restoreChanged(tracked.live, tracked.shadowStart, 3, 48)
      expect(tracked.memory.countChanged(tracked.live, tracked.shadowStart, 3, 48)).toBe(0)
      expect(tracked.shadow()).toEqual([1, 2, 3])
    })
  })
})

/** A few tracked pages with their tables; each page is filled with one byte. */
class Tracked {
  readonly memory: KernelMemory
  readonly live: number
  readonly shadowStart: number
  readonly #free: number
  readonly #changes: number
  readonly #size: number
  readonly #pages: number

  constructor(kernels: KernelModule, size: number, pages: number, frames: number) {
    this.memory = kernels.create({ maximumBytes })
    this.#size = size
    this.#pages = pages
    this.live = this.memory.allocate(size * pages, 16)
    this.shadowStart = this.memory.allocate(size * pages, 16)
    this.#free = this.memory.allocate(4 * (pages + 1), 4)
    this.#changes = this.memory.allocate(4 * (2 * pages + 1), 4)
    for (let i = 0; i < frames; i += 1) this.addFrame()
  }

  fill(bytes: readonly number[]): void {
    bytes.forEach((byte, page) => {
      this.memory.bytes.fill(byte, this.live + page * this.#size, this.live + (page + 1) * this.#size)
    })
  }

  addFrame(): void {
    const frame = this.memory.allocate(this.#size, 16)
    const { words } = this.memory
    words[this.#free / 4]! += 1
    words[this.#free / 4 + words[this.#free / 4]!] = frame
  }

  capture(from: number): number {
    const { memory, live, shadowStart } = this
    return memory.captureChanged(live, shadowStart, from, this.#pages, this.#size, this.#free, this.#changes)
  }

  changes(): { page: number; former: number }[] {
    const at = this.#changes / 4
    const { words } = this.memory
    return Array.from({ length: words[at]! }, (_, i) => ({
      page: words[at + 1 + 2 * i]!,
      former: words[at + 2 + 2 * i]!,
    }))
  }

  forgetChanges(): void {
    this.memory.words[this.#changes / 4] = 0
  }

  shadow(): number[] {
    return Array.from({ length: this.#pages }, (_, page) => this.memory.bytes[this.shadowStart + page * this.#size]!)
  }
}

test.prop([fc.constantFrom(...pageSizes, 4096), fc.integer(), fc.nat(2 ** 31 - 1)])(
  'both kernels hash alike',
  (size, seed, pageNumber) => {
    const content = randomBytes(seed, size)
    const hashes = bothKernels.map((kernels) => hashOf(kernels.create({ maximumBytes }), content, pageNumber))
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe('0'.repeat(16))
  },
)

it('a memory that the system cannot reserve is a MemoryLimitError that says how much', () => {
  const refuse = (): never => {
    throw new RangeError('no address space')
  }
  expect(() => reserve(3 * 2 ** 30, refuse)).toThrow(new MemoryLimitError('the protected memory', 3 * 2 ** 30, null))
})
