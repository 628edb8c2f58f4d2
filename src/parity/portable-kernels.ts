import { assert } from '../base/index.ts'
import type { BatchKernels } from './batch-kernels.ts'
import { fieldSize, products } from './field.ts'
import { growthStepBytes, type KernelMemory, type KernelModule, LinearMemory, reserve } from './kernel-memory.ts'
import { ScratchBatches } from './scratch-batches.ts'

/** A shared buffer that grows in place; the standard library of ES2023 does not name it yet. */
interface GrowableBuffer extends SharedArrayBuffer {
  grow(bytes: number): void
}
const GrowableBuffer = SharedArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => GrowableBuffer

/** Kernels in plain JavaScript, for engines without WASM SIMD and for simulations with many small memories. */
export const portableKernels: KernelModule = {
  name: 'portable',
  create: ({ maximumBytes }) => new PortableMemory(maximumBytes),
}

/**
 * The same kernels for simulations, which need many small memories one after the other: making one costs far more than
 * clearing one. Nobody may use what it has made after `takeBack`.
 */
export class PortableMemories implements KernelModule {
  readonly name = 'portable'
  readonly #made: PortableMemory[] = []
  #used = 0

  create({ maximumBytes }: { readonly maximumBytes: number }): KernelMemory {
    const spare = this.#made[this.#used]
    if (spare) assert(spare.maximumBytes === maximumBytes, 'kernel memory: all of one simulation are of one size')
    const memory = spare ?? new PortableMemory(maximumBytes)
    this.#made[this.#used] = memory
    this.#used += 1
    return memory
  }

  /** To be called when none of them is in use any more. */
  takeBack(): void {
    for (let at = 0; at < this.#used; at += 1) this.#made[at]!.clear()
    this.#used = 0
  }
}

const smallBytes = 256

class PortableMemory extends LinearMemory implements KernelMemory {
  batches: BatchKernels = new ScratchBatches(this)

  constructor(maximumBytes: number) {
    const make = (steps: number) => new GrowableBuffer(growthStepBytes, { maxByteLength: steps * growthStepBytes })
    super(reserve(maximumBytes, make), maximumBytes)
  }

  /** Makes it ready for another owner: zeros, and nothing allocated. */
  clear(): void {
    this.reset()
    this.batches = new ScratchBatches(this)
  }

  protected extend(bytes: number): SharedArrayBuffer {
    const buffer = this.buffer as GrowableBuffer
    buffer.grow(bytes)
    return buffer
  }

  /** Small pages word by word: a call of `copyWithin` takes as long as copying some hundred bytes. */
  copy(target: number, source: number, bytes: number): void {
    if (bytes > smallBytes || ((target | source | bytes) & 3) !== 0) {
      this.bytes.copyWithin(target, source, source + bytes)
      return
    }
    const words = this.words
    const [to, from] = [target >>> 2, source >>> 2]
    const count = bytes >>> 2
    for (let i = 0; i < count; i += 1) words[to + i] = words[from + i]!
  }

  xor(target: number, left: number, right: number, bytes: number): void {
    const words = this.words
    const [to, from, other] = [target >>> 2, left >>> 2, right >>> 2]
    const count = bytes >>> 2
    for (let i = 0; i < count; i += 4) {
      words[to + i] = words[from + i]! ^ words[other + i]!
      words[to + i + 1] = words[from + i + 1]! ^ words[other + i + 1]!
      words[to + i + 2] = words[from + i + 2]! ^ words[other + i + 2]!
      words[to + i + 3] = words[from + i + 3]! ^ words[other + i + 3]!
    }
  }

  multiply(target: number, source: number, coefficient: number, bytes: number): void {
    if (coefficient === 1) this.copy(target, source, bytes)
    else if (coefficient === 0) this.bytes.fill(0, target, target + bytes)
    else multiplyWords(this.words, target / 4, source / 4, coefficient, bytes / 4, 0)
  }

  multiplyAdd(target: number, source: number, coefficient: number, bytes: number): void {
    if (coefficient === 1) this.xor(target, target, source, bytes)
    else if (coefficient !== 0) multiplyWords(this.words, target / 4, source / 4, coefficient, bytes / 4, -1)
  }

  isZero(offset: number, bytes: number): boolean {
    const words = this.words
    const end = (offset + bytes) / 4
    for (let i = offset / 4; i < end; i += 4) {
      if ((words[i]! | words[i + 1]! | words[i + 2]! | words[i + 3]!) !== 0) return false
    }
    return true
  }

  addHash(target: number, offset: number, bytes: number, pageNumber: number): void {
    if (!this.isZero(offset, bytes)) hashWords(this.words, target / 4, offset / 4, bytes / 4, pageNumber)
  }

  countChanged(live: number, shadow: number, pages: number, pageSizeBytes: number): number {
    let count = 0
    for (let page = 0; page < pages; page += 1) {
      const at = page * pageSizeBytes
      if (differ(this.words, live + at, shadow + at, pageSizeBytes)) count += 1
    }
    return count
  }

  captureChanged(
    live: number,
    shadow: number,
    from: number,
    pages: number,
    pageSizeBytes: number,
    free: number,
    changes: number,
  ): number {
    const words = this.words
    let available = words[free / 4]!
    let count = words[changes / 4]!
    let page = from
    for (; page < pages; page += 1) {
      const source = live + page * pageSizeBytes
      const captured = shadow + page * pageSizeBytes
      if (!differ(words, source, captured, pageSizeBytes)) continue
      let former = 0
      if (!this.isZero(captured, pageSizeBytes)) {
        if (available === 0) break
        former = words[free / 4 + available]!
        available -= 1
        this.copy(former, captured, pageSizeBytes)
      }
      this.copy(captured, source, pageSizeBytes)
      words[changes / 4 + 1 + 2 * count] = page
      words[changes / 4 + 2 + 2 * count] = former
      count += 1
    }
    words[free / 4] = available
    words[changes / 4] = count
    return page
  }

  restoreChanged(live: number, shadow: number, pages: number, pageSizeBytes: number): void {
    for (let page = 0; page < pages; page += 1) {
      const target = live + page * pageSizeBytes
      const source = shadow + page * pageSizeBytes
      if (differ(this.words, target, source, pageSizeBytes)) this.copy(target, source, pageSizeBytes)
    }
  }
}

/** target = coefficient * source, plus what of target `kept` masks. */
function multiplyWords(
  words: Uint32Array,
  target: number,
  source: number,
  coefficient: number,
  count: number,
  kept: number,
): void {
  const row = products().subarray(fieldSize * coefficient, fieldSize * (coefficient + 1))
  for (let i = 0; i < count; i += 1) {
    const word = words[source + i]!
    const low = row[word & 255]! | (row[(word >>> 8) & 255]! << 8)
    const high = row[(word >>> 16) & 255]! | (row[word >>> 24]! << 8)
    words[target + i] = (words[target + i]! & kept) ^ (low | (high << 16))
  }
}

function differ(words: Uint32Array, left: number, right: number, bytes: number): boolean {
  const [a, b] = [left / 4, right / 4]
  const count = bytes >>> 2
  for (let i = 0; i < count; i += 4) {
    const low = (words[a + i]! ^ words[b + i]!) | (words[a + i + 1]! ^ words[b + i + 1]!)
    const high = (words[a + i + 2]! ^ words[b + i + 2]!) | (words[a + i + 3]! ^ words[b + i + 3]!)
    if ((low | high) !== 0) return true
  }
  return false
}

const lanePrime = 0x9e3779b1
const foldPrime1 = 0x85ebca6b
const foldPrime2 = 0xc2b2ae35

/**
 * Word i of the page goes into lane i mod 16. A lane is a 32-bit multiply-and-rotate chain, and the trail behind it
 * sums up all its states, so that a difference has to cancel in both. The 16 lanes and trails are then folded, in four
 * columns and these in one row, to 64 bits that also depend on the page number.
 */
function hashWords(words: Uint32Array, target: number, start: number, count: number, pageNumber: number): void {
  let first = Math.imul(pageNumber + 1, lanePrime)
  let second = pageNumber ^ foldPrime1
  for (let column = 0; column < 4; column += 1) {
    let columnFirst = 0
    let columnSecond = 0
    for (let row = 0; row < 4; row += 1) {
      const index = 4 * row + column
      let lane = Math.imul(index + 1, lanePrime)
      let trail = 0
      for (let i = index; i < count; i += 16) {
        lane = rotate(Math.imul(lane ^ words[start + i]!, lanePrime), 15)
        trail = (rotate(trail, 11) + lane) | 0
      }
      if (row === 0) {
        columnFirst = lane
        columnSecond = trail
      } else {
        columnFirst = rotate(Math.imul(columnFirst ^ lane, foldPrime1), 13)
        columnSecond = (rotate(Math.imul(columnSecond ^ trail, foldPrime2), 17) + columnFirst) | 0
      }
    }
    first = rotate(Math.imul(first ^ columnFirst, foldPrime1), 13)
    second = (rotate(Math.imul(second ^ columnSecond, foldPrime2), 17) + first) | 0
  }
  first = scramble((first + second) | 0)
  second = scramble((second + first) | 0)
  words[target] = words[target]! ^ (first + second)
  words[target + 1] = words[target + 1]! ^ second
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function scramble(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), foldPrime1)
  mixed = Math.imul(mixed ^ (mixed >>> 13), foldPrime2)
  return mixed ^ (mixed >>> 16)
}
