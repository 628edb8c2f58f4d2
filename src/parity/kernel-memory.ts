import { assert } from '../base/index.ts'
import type { BatchKernels } from './batch-kernels.ts'

const mebibyte = 2 ** 20

/** The most that one kernel memory can have: 32-bit offsets reach no further. */
export const kernelMemoryBytesMax = 4 * 2 ** 30

/** More memory was asked for than a kernel memory may have, or than the system gives. */
export class MemoryLimitError extends Error {
  override name = 'MemoryLimitError'
  /** True if it is the system that gives no more. */
  readonly isOfSystem: boolean

  /**
   * `what` opens the sentence, for instance `a program memory of 1500.0 MiB`. Sizes in bytes. `limitBytes`: what a
   * processor can have; null if the system gives less, and does not say how much.
   */
  constructor(what: string, neededBytes: number, limitBytes: number | null) {
    const mib = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`
    super(
      limitBytes === null
        ? `the system does not give the ${mib(neededBytes)} that ${what} needs with its checkpoints (see ulimit -v and the memory that is free)`
        : `${what} needs ${mib(neededBytes)} with its checkpoints, more than the ${mib(limitBytes)} a processor can have`,
    )
    this.isOfSystem = limitBytes === null
  }
}

/** Makes memories to work in. */
export interface KernelModule {
  readonly name: 'simd' | 'portable'
  /** Reserves address space only; what is never written costs no memory. Throws MemoryLimitError. */
  create(options: { readonly maximumBytes: number }): KernelMemory
}

/**
 * One growing linear memory of zeros, shared between threads, and the loops over pages in it. All positions are byte
 * offsets. Page sizes are multiples of 16 bytes and pages lie at multiples of 16.
 *
 * Tracked pages lie in one piece from `live` on, and their captured content page by page from `shadow` on. Two tables
 * of 32-bit words go with them. `free`: a count, then that many offsets of unused frames of one page each. `changes`: a
 * count, then for each change the page's index and the offset of the frame that holds its former content; offset 0
 * always holds zeros and stands for a page that was all zeros before.
 */
export interface KernelMemory {
  /** To be read anew after each allocation: views on an older one stay valid, but end earlier. */
  readonly buffer: SharedArrayBuffer
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly allocatedBytes: number
  readonly maximumBytes: number
  readonly batches: BatchKernels
  /** Reserves `bytes` zeros and returns their offset, never 0. Throws MemoryLimitError. */
  allocate(bytes: number, alignmentBytes: number): number
  copy(target: number, source: number, bytes: number): void
  /** target = left ^ right; target may be one of the two. */
  xor(target: number, left: number, right: number, bytes: number): void
  /** target = coefficient * source over GF(2^8); target may be the source. */
  multiply(target: number, source: number, coefficient: number, bytes: number): void
  /** target ^= coefficient * source over GF(2^8); target may be the source. */
  multiplyAdd(target: number, source: number, coefficient: number, bytes: number): void
  isZero(offset: number, bytes: number): boolean
  /** XORs the 64-bit hash of a page's content and number into the 8 bytes at `target`. A page of zeros counts 0. */
  addHash(target: number, offset: number, bytes: number, pageNumber: number): void
  /** How many of `pages` pages differ from their shadow. */
  countChanged(live: number, shadow: number, pages: number, pageSizeBytes: number): number
  /**
   * Copies each page from index `from` on that differs from its shadow over that, keeps the shadow's former content in
   * a free frame, and appends the change. Returns the index it stopped at for want of a free frame, else `pages`.
   */
  captureChanged(
    live: number,
    shadow: number,
    from: number,
    pages: number,
    pageSizeBytes: number,
    free: number,
    changes: number,
  ): number
  /** Copies each shadow over its page where they differ. */
  restoreChanged(live: number, shadow: number, pages: number, pageSizeBytes: number): void
}

/** A kernel memory begins with one such step and grows by whole ones. The page size of WASM. */
export const growthStepBytes = 65_536

/**
 * What `make` makes with room for `maximumBytes`, rounded up to whole growth steps. Throws MemoryLimitError where the
 * system has no such piece of address space.
 */
export function reserve<Space>(maximumBytes: number, make: (growthSteps: number) => Space): Space {
  assert(maximumBytes > 0 && maximumBytes <= kernelMemoryBytesMax, 'kernel memory: 32-bit offsets reach its end')
  try {
    return make(Math.ceil(maximumBytes / growthStepBytes))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new MemoryLimitError('the protected memory', maximumBytes, null)
  }
}

/** Kept at zero: the former content of all pages that held nothing before, for any page size up to this. */
const zeroFrameBytes = 65_536

/** The part of a kernel memory that all implementations share: handing out space. */
export abstract class LinearMemory {
  buffer: SharedArrayBuffer
  bytes: Uint8Array
  words: Uint32Array
  readonly maximumBytes: number
  #endBytes = zeroFrameBytes

  constructor(buffer: SharedArrayBuffer, maximumBytes: number) {
    this.maximumBytes = maximumBytes
    this.buffer = buffer
    this.bytes = new Uint8Array(buffer, 0, buffer.byteLength)
    this.words = new Uint32Array(buffer, 0, buffer.byteLength / 4)
  }

  get allocatedBytes(): number {
    return this.#endBytes
  }

  allocate(bytes: number, alignmentBytes: number): number {
    assert(alignmentBytes % 4 === 0 && alignmentBytes <= zeroFrameBytes, 'kernel memory: alignment fits the zero frame')
    const offset = Math.ceil(this.#endBytes / alignmentBytes) * alignmentBytes
    const end = offset + bytes
    if (end > this.maximumBytes) throw new MemoryLimitError('the protected memory', end, this.maximumBytes)
    if (end > this.buffer.byteLength) this.#grow(end)
    this.#endBytes = end
    return offset
  }

  /** Makes it a fresh memory again, as large as it has grown. */
  protected reset(): void {
    this.bytes.fill(0, zeroFrameBytes, this.#endBytes)
    this.#endBytes = zeroFrameBytes
  }

  /** Extends the memory to `bytes`, a multiple of 64 KiB. Throws RangeError. */
  protected abstract extend(bytes: number): SharedArrayBuffer

  #grow(end: number): void {
    try {
      this.buffer = this.extend(Math.ceil(end / growthStepBytes) * growthStepBytes)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new MemoryLimitError('the protected memory', end, null)
    }
    this.bytes = new Uint8Array(this.buffer, 0, this.buffer.byteLength)
    this.words = new Uint32Array(this.buffer, 0, this.buffer.byteLength / 4)
  }
}
