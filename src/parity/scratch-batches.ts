import type { BatchKernels } from './batch-kernels.ts'
import type { KernelMemory } from './kernel-memory.ts'
import { pagesPerGroup } from './pages.ts'

const scratchAlignmentBytes = 4096
const [hashBytes, wordBytes] = [8, 4]

/** Brings the bytes into the kernel memory and out of it again, and runs its kernels page by page. */
export class ScratchBatches implements BatchKernels {
  readonly #memory: KernelMemory
  #scratch = 0
  #scratchBytes = 0

  constructor(memory: KernelMemory) {
    this.#memory = memory
  }

  bring(bytes: Uint8Array, targets: Uint32Array, holds: Uint8Array, coefficients: Uint8Array): void {
    const memory = this.#memory
    const pages = targets.length / coefficients.length
    const size = bytes.length / pages
    const start = this.#need(bytes.length)
    memory.bytes.set(bytes, start)
    for (let at = 0; at < targets.length; at += 1) {
      const target = targets[at]!
      const source = start + (at % pages) * size
      const coefficient = coefficients[Math.floor(at / pages)]!
      if (holds[at] === 1) memory.multiplyAdd(target, source, coefficient, size)
      else memory.multiply(target, source, coefficient, size)
      holds[at] = memory.isZero(target, size) ? 0 : 1
    }
  }

  take(sources: Uint32Array, bases: Uint32Array, coefficient: number, out: Uint8Array): void {
    const memory = this.#memory
    const pageSizeBytes = out.length / sources.length
    const start = this.#need(out.length)
    for (let i = 0; i < sources.length; i += 1) {
      const target = start + i * pageSizeBytes
      const base = bases[i]!
      if (base !== 0 && coefficient === 1) {
        memory.xor(target, base, sources[i]!, pageSizeBytes)
        continue
      }
      memory.multiply(target, sources[i]!, coefficient, pageSizeBytes)
      if (base !== 0) memory.xor(target, target, base, pageSizeBytes)
    }
    out.set(memory.bytes.subarray(start, start + out.length))
  }

  sum(
    incoming: Uint8Array,
    arrivals: Int32Array,
    own: Uint32Array,
    holds: Uint8Array,
    coefficient: number,
    out: Uint8Array,
  ): number {
    const memory = this.#memory
    if (own.length === 0) return 0
    const pageSizeBytes = out.length / own.length
    const start = this.#need(out.length)
    // Incoming pages wait at the end of the room, never before the place they go to; with none between them, they stay.
    const waiting = start + out.length - incoming.length
    memory.bytes.set(incoming, waiting)
    let target = start
    for (let i = 0; i < own.length; i += 1) {
      const arrived = waiting + arrivals[i]! * pageSizeBytes
      if (arrived < waiting) {
        memory.multiply(target, own[i]!, coefficient, pageSizeBytes)
      } else {
        if (arrived !== target) memory.copy(target, arrived, pageSizeBytes)
        if (own[i] !== 0) memory.multiplyAdd(target, own[i]!, coefficient, pageSizeBytes)
      }
      holds[i] = memory.isZero(target, pageSizeBytes) ? 0 : 1
      target += holds[i]! * pageSizeBytes
    }
    out.set(memory.bytes.subarray(start, target))
    return (target - start) / pageSizeBytes
  }

  addHashes(offsets: Uint32Array, numbers: Uint32Array, pageSizeBytes: number, sums: Uint32Array): void {
    const memory = this.#memory
    const scratch = this.#need(hashBytes)
    for (let i = 0; i < offsets.length; i += 1) {
      if (offsets[i] === 0) continue
      const words = memory.words.subarray(scratch / wordBytes, (scratch + hashBytes) / wordBytes).fill(0)
      memory.addHash(scratch, offsets[i]!, pageSizeBytes, numbers[i]!)
      const group = 2 * Math.floor(numbers[i]! / pagesPerGroup)
      sums[group] = sums[group]! ^ words[0]!
      sums[group + 1] = sums[group + 1]! ^ words[1]!
    }
  }

  fold(targets: Uint32Array, sources: Uint32Array, pageSizeBytes: number, holds: Uint8Array): void {
    for (let i = 0; i < targets.length; i += 1) {
      this.#memory.xor(targets[i]!, targets[i]!, sources[i]!, pageSizeBytes)
      holds[i] = this.#memory.isZero(targets[i]!, pageSizeBytes) ? 0 : 1
    }
  }

  captureChanged(
    live: number,
    shadow: number,
    pageSizeBytes: number,
    ranges: Uint32Array,
    _pages: number,
    from: number,
    free: number,
    changes: number,
  ): number {
    for (let i = 0; i < ranges.length; i += 2) {
      const [first, end] = [Math.max(from, ranges[i]!), ranges[i + 1]!]
      if (first >= end) continue
      const page = this.#memory.captureChanged(live, shadow, first, end, pageSizeBytes, free, changes)
      if (page < end) return page
    }
    return ranges.at(-1) ?? 0
  }

  countChanged(live: number, shadow: number, pageSizeBytes: number, ranges: Uint32Array): number {
    let count = 0
    for (let i = 0; i < ranges.length; i += 2) {
      const [first, end] = [ranges[i]!, ranges[i + 1]!]
      const [page, captured] = [live + first * pageSizeBytes, shadow + first * pageSizeBytes]
      count += this.#memory.countChanged(page, captured, end - first, pageSizeBytes)
    }
    return count
  }

  restoreChanged(live: number, shadow: number, pageSizeBytes: number, ranges: Uint32Array): void {
    for (let i = 0; i < ranges.length; i += 2) {
      const [first, end] = [ranges[i]!, ranges[i + 1]!]
      const [page, captured] = [live + first * pageSizeBytes, shadow + first * pageSizeBytes]
      this.#memory.restoreChanged(page, captured, end - first, pageSizeBytes)
    }
  }

  /** Offset of room for so many bytes, always the same until it must grow. */
  #need(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const enlarged = Math.max(bytes, 2 * this.#scratchBytes)
      this.#scratch = this.#memory.allocate(enlarged, scratchAlignmentBytes)
      this.#scratchBytes = enlarged
    }
    return this.#scratch
  }
}
