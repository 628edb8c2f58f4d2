import { readFileSync } from 'node:fs'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { loadAddon, NativeBatches } from '../../src/memory/native/index.ts'
import {
  compileKernels,
  type KernelMemory,
  MemoryLimitError,
  portableKernels,
  ScratchBatches,
} from '../../src/parity/index.ts'
import { expectBytes } from '../memory/model.ts'
import { scaled } from './naive-field.ts'

const wasmBytes = readFileSync(new URL('../../dist/parity/kernels.wasm', import.meta.url))
const native = loadAddon().addon?.batchKernels ?? []

/** All loops over batches that this machine can run. */
const modules = [
  { name: 'portable', kernels: portableKernels },
  { name: 'simd', kernels: compileKernels(wasmBytes, (memory) => new ScratchBatches(memory)) },
  ...native.map((one) => ({
    name: `native ${one.name}`,
    kernels: compileKernels(wasmBytes, (memory) => new NativeBatches(memory, one)),
  })),
]

interface Load {
  /** Goes through every tail of the unrolled loops. */
  readonly pageSizeBytes: number
  readonly pages: number
  readonly coefficient: number
  readonly seed: number
}

const loadArbitrary: fc.Arbitrary<Load> = fc.record({
  pageSizeBytes: fc.constantFrom(16, 32, 48, 64, 80, 112, 240, 256, 272, 4096),
  pages: fc.nat(9),
  coefficient: fc.oneof(fc.constant(1), fc.nat(255)),
  seed: fc.integer(),
})

const xor = (left: Uint8Array, right: Uint8Array): Uint8Array => left.map((byte, i) => byte ^ right[i]!)
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

/** Random pages in a memory, about a third of them zeros, and others outside it. */
function lay(memory: KernelMemory, { pageSizeBytes: size, pages, seed }: Load) {
  const random = seededRandom(seed)
  const page = (): Uint8Array => {
    const isEmpty = random.integer(0, 2) === 0
    return Uint8Array.from({ length: size }, () => (isEmpty ? 0 : random.integer(0, 255)))
  }
  const start = memory.allocate((2 * pages + 1) * size, 16)
  const offsets = Uint32Array.from({ length: 2 * pages }, (_, i) => start + i * size)
  for (const offset of offsets) memory.bytes.set(page(), offset)
  return {
    random,
    outside: Array.from({ length: pages }, page),
    first: offsets.slice(0, pages),
    second: offsets.slice(pages),
    at: (offset: number): Uint8Array => memory.bytes.slice(offset, offset + size),
    behind: start + 2 * pages * size,
  }
}

const joined = (pages: readonly Uint8Array[]): Uint8Array => Uint8Array.from(pages.flatMap((page) => [...page]))

describe.each(modules)('batches with $name kernels', ({ kernels }) => {
  const create = (): KernelMemory => kernels.create({ maximumBytes: 2 ** 20 })

  test.prop([loadArbitrary, fc.constantFrom(1, 2, 3)])('bring pages in, onto rows or over them', (load, rows) => {
    const memory = create()
    const { random, outside, first, at, behind } = lay(memory, { ...load, pages: rows * load.pages })
    const pages = outside.slice(0, load.pages)
    const coefficients = Uint8Array.from({ length: rows }, (_, row) => (load.coefficient + 50 * row) % 256)
    const holds = Uint8Array.from(first, () => random.integer(0, 1))
    const products = Array.from(first, (_, i) => {
      return scaled(pages[i % load.pages]!, coefficients[Math.floor(i / load.pages)]!)
    })
    // Some cancel what is there.
    products.forEach((product, i) => {
      if (random.integer(0, 3) === 0) memory.bytes.set(product, first[i])
    })
    const expected = products.map((product, i) => (holds[i] === 1 ? xor(product, at(first[i]!)) : product))
    memory.batches.bring(joined(pages), first, holds, coefficients)
    expectBytes(joined(Array.from(first, at)), joined(expected))
    expect([...holds]).toEqual(expected.map((page) => (isZero(page) ? 0 : 1)))
    const next = lay(create(), { ...load, pages: rows * load.pages })
    expectBytes(at(behind), next.at(next.behind))
    expectBytes(joined(Array.from(next.second, next.at)), joined(Array.from(next.second, at)))
  })

  test.prop([loadArbitrary])('take sums of pages out', (load) => {
    const memory = create()
    const { random, first, second, at } = lay(memory, load)
    const none = new Uint8Array(load.pageSizeBytes)
    const [sources, bases] = [first, second].map((offsets) =>
      offsets.map((offset) => (random.integer(0, 3) === 0 ? 0 : offset)),
    )
    const content = (offset: number): Uint8Array => (offset === 0 ? none : at(offset))
    const expected = Array.from(sources!, (source, i) =>
      xor(scaled(content(source), load.coefficient), content(bases![i]!)),
    )
    const out = new Uint8Array(load.pages * load.pageSizeBytes + 16).fill(0xee)
    memory.batches.take(sources!, bases!, load.coefficient, out.subarray(8, -8))
    expectBytes(out.subarray(8, -8), joined(expected))
    expect([...out.subarray(0, 8), ...out.subarray(-8)]).toEqual(new Array(16).fill(0xee))
  })

  test.prop([loadArbitrary])('add pages to those that come in, and leave zeros out', (load) => {
    const memory = create()
    const { random, outside, first, at } = lay(memory, load)
    const incoming: Uint8Array[] = []
    const arrivals = Int32Array.from(first, (offset, i) => {
      if (random.integer(0, 2) === 0) return -1
      incoming.push(random.integer(0, 2) === 0 ? scaled(at(offset), load.coefficient) : outside[i]!)
      return incoming.length - 1
    })
    const own = first.map((offset) => (random.integer(0, 3) === 0 ? 0 : offset))
    const none = new Uint8Array(load.pageSizeBytes)
    const expected = Array.from(own, (offset, i) => {
      const product = offset === 0 ? none : scaled(at(offset), load.coefficient)
      return arrivals[i] === -1 ? product : xor(product, incoming[arrivals[i]!]!)
    })
    const holds = new Uint8Array(own.length).fill(7)
    const out = new Uint8Array(own.length * load.pageSizeBytes)
    const there = memory.batches.sum(joined(incoming), arrivals, own, holds, load.coefficient, out)
    expect([...holds]).toEqual(expected.map((page) => (isZero(page) ? 0 : 1)))
    expectBytes(out.subarray(0, there * load.pageSizeBytes), joined(expected.filter((page) => !isZero(page))))
  })

  test.prop([loadArbitrary])('add the hashes of pages to those of their groups', (load) => {
    const memory = create()
    const { random, first, at } = lay(memory, load)
    const plain = portableKernels.create({ maximumBytes: 2 ** 20 })
    const [target, page] = [plain.allocate(8, 16), plain.allocate(load.pageSizeBytes, 16)]
    const sums = Uint32Array.from({ length: 20 }, () => random.integer(0, 2 ** 32 - 1))
    const expected = sums.slice()
    const offsets = first.map((offset) => (random.integer(0, 3) === 0 ? 0 : offset))
    const numbers = Uint32Array.from(offsets, () => random.integer(0, 639))
    numbers.forEach((number, i) => {
      if (offsets[i] === 0) return
      plain.bytes.set(at(offsets[i]!), page)
      plain.words.fill(0, target / 4, target / 4 + 2)
      plain.addHash(target, page, load.pageSizeBytes, number)
      for (const half of [0, 1]) expected[2 * Math.floor(number / 64) + half]! ^= plain.words[target / 4 + half]!
    })
    memory.batches.addHashes(offsets, numbers, load.pageSizeBytes, sums)
    expect(sums).toEqual(expected)
  })

  test.prop([loadArbitrary])('fold pages into others, and say which are zeros then', (load) => {
    const memory = create()
    const { random, first, second, at } = lay(memory, load)
    // Some cancel what is there.
    second.forEach((offset, i) => {
      if (random.integer(0, 3) === 0) memory.bytes.set(at(first[i]!), offset)
    })
    const expected = Array.from(first, (offset, i) => xor(at(offset), at(second[i]!)))
    const holds = new Uint8Array(load.pages).fill(7)
    memory.batches.fold(first, second, load.pageSizeBytes, holds)
    expectBytes(joined(Array.from(first, at)), joined(expected))
    expect([...holds]).toEqual(expected.map((page) => (isZero(page) ? 0 : 1)))
  })

  test.prop([loadArbitrary, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), fc.nat(9)])(
    'capture, count and restore the pages that changed in some runs, as far as there are frames',
    (load, isIn, frames) => {
      const memory = create()
      const { pageSizeBytes: size, pages } = load
      const { random, first, second, at } = lay(memory, load)
      const [live, shadow] = [first[0] ?? 16, second[0] ?? 16]
      second.forEach((offset, i) => {
        if (random.integer(0, 2) === 0) memory.bytes.set(at(first[i]!), offset)
      })
      const ranges = Uint32Array.from(isIn.slice(0, pages).flatMap((isOne, i) => (isOne ? [i, i + 1] : [])))
      const free = memory.allocate(4 * (frames + pages + 1), 4)
      const changes = memory.allocate(4 * (2 * pages + 1), 4)
      const places = Array.from({ length: frames }, () => memory.allocate(size, 16))
      memory.words.set([frames, ...places], free / 4)
      const before = Array.from(first, (offset, i) => ({ is: at(offset), was: at(second[i]!) }))
      const differing = before.flatMap(({ is, was }, i) => (isIn[i] && !isZero(xor(is, was)) ? [i] : []))
      expect(memory.batches.countChanged(live, shadow, size, ranges)).toBe(differing.length)

      const withFrame = differing.filter((i) => !isZero(before[i]!.was))
      const stopsAt = withFrame[frames] ?? null
      const end = memory.batches.captureChanged(live, shadow, size, ranges, frames + pages, 0, free, changes)
      expect(end).toBe(stopsAt ?? ranges.at(-1) ?? 0)
      const captured = differing.filter((i) => stopsAt === null || i < stopsAt)
      expect(memory.words[changes / 4]).toBe(captured.length)
      captured.forEach((i, change) => {
        const [page, former] = memory.words.subarray(changes / 4 + 1 + 2 * change)
        expect(page).toBe(i)
        expectBytes(former === 0 ? new Uint8Array(size) : at(former!), before[i]!.was)
        expectBytes(at(second[i]!), before[i]!.is)
      })
      expect(memory.words[free / 4]).toBe(frames - Math.min(frames, withFrame.length))

      // What was not captured is given up.
      memory.batches.restoreChanged(live, shadow, size, ranges)
      before.forEach(({ is, was }, i) => {
        expectBytes(at(first[i]!), isIn[i] && !captured.includes(i) ? was : is)
        if (!captured.includes(i)) expectBytes(at(second[i]!), was)
      })
    },
  )

  it('multiply every byte by every coefficient', () => {
    const memory = create()
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const source = memory.allocate(256, 16)
    memory.bytes.set(bytes, source)
    for (let coefficient = 0; coefficient < 256; coefficient += 1) {
      const taken = new Uint8Array(256)
      memory.batches.take(Uint32Array.of(source), Uint32Array.of(0), coefficient, taken)
      expectBytes(taken, scaled(bytes, coefficient))
    }
  })

  it('work in memory that grew', () => {
    const memory = create()
    memory.allocate(300_000, 16)
    const target = memory.allocate(64, 16)
    memory.batches.bring(new Uint8Array(64).fill(3), Uint32Array.of(target), Uint8Array.of(0), Uint8Array.of(1))
    expect(memory.bytes[target + 63]).toBe(3)
  })
})

describe.each(modules.slice(0, 2))('batches with $name kernels and a scratch space', ({ kernels }) => {
  it('change nothing when there is no room for it', () => {
    const memory = kernels.create({ maximumBytes: 2 ** 17 })
    const target = memory.allocate(40_960, 16)
    const bring = (): void =>
      memory.batches.bring(new Uint8Array(40_960).fill(1), Uint32Array.of(target), Uint8Array.of(0), Uint8Array.of(1))
    expect(bring).toThrow(MemoryLimitError)
    expect(memory.isZero(target, 40_960)).toBe(true)
  })
})

describe.each(modules.slice(2))('batches with $name kernels and no scratch space', ({ kernels }) => {
  it('refuse pages that lie outside', () => {
    const { batches, bytes } = kernels.create({ maximumBytes: 2 ** 17 })
    const outside = Uint32Array.of(bytes.length - 32)
    const inside = Uint32Array.of(bytes.length - 64)
    const [page, one, first] = [new Uint8Array(64), Uint8Array.of(0), Int32Array.of(0)]
    batches.bring(page, inside, one, Uint8Array.of(1))
    expect(() => batches.bring(page, outside, one, Uint8Array.of(1))).toThrow('pages lie outside of what they are in')
    expect(() => batches.bring(page, inside, new Uint8Array(0), Uint8Array.of(1))).toThrow('pages lie outside')
    expect(() => batches.take(outside, inside, 1, page)).toThrow('pages lie outside')
    expect(() => batches.take(inside, outside, 1, page)).toThrow('pages lie outside')
    expect(() => batches.sum(page, first, outside, one, 1, page.slice())).toThrow('pages lie outside')
    expect(() => batches.sum(page, Int32Array.of(1), inside, one, 1, page.slice())).toThrow('pages lie outside')
    const number = Uint32Array.of(64)
    expect(() => batches.addHashes(outside, number, 64, new Uint32Array(4))).toThrow('pages lie outside')
    expect(() => batches.addHashes(inside, number, 64, new Uint32Array(2))).toThrow('pages lie outside')
    expect(() => batches.addHashes(inside, new Uint32Array(0), 64, new Uint32Array(4))).toThrow('pages lie outside')
    expect(() => batches.fold(outside, inside, 64, one)).toThrow('pages lie outside')
    expect(() => batches.fold(inside, outside, 64, one)).toThrow('pages lie outside')
    expect(() => batches.fold(inside, inside, 64, new Uint8Array(0))).toThrow('pages lie outside')
  })

  it('refuse tracked pages and tables that lie outside', () => {
    const { batches, bytes, words } = kernels.create({ maximumBytes: 2 ** 17 })
    const page = bytes.length - 128
    const capture = (runs: readonly number[], live = page, tables: readonly [number, number] = [64, 1024]): number =>
      batches.captureChanged(live, 2048, 64, Uint32Array.from(runs), 4, 0, ...tables)
    expect(capture([0, 2])).toBe(2)
    for (const runs of [[0, 3], [2, 1], [0]]) expect(() => capture(runs)).toThrow('pages lie outside')
    expect(() => capture([0, 1], bytes.length)).toThrow('pages lie outside')
    expect(() => capture([0, 1], page, [bytes.length - 16, 1024])).toThrow('pages lie outside')
    expect(() => capture([0, 1], page, [64, bytes.length - 32])).toThrow('pages lie outside')
    expect(() => capture([0, 1], page, [65, 1024])).toThrow('pages lie outside')
    expect(() => batches.countChanged(page, 2048, 64, Uint32Array.of(0, 3))).toThrow('pages lie outside')
    expect(() => batches.restoreChanged(page, bytes.length, 64, Uint32Array.of(0, 1))).toThrow('pages lie outside')
    // A table that says what cannot be.
    words[64 / 4] = 5
    expect(() => capture([0, 1])).toThrow('pages lie outside')
    words.set([1, bytes.length - 32], 64 / 4)
    bytes[2048] = 1
    expect(() => capture([0, 1])).toThrow('pages lie outside')
  })
})
