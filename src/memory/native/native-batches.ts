import { type BatchKernels, type KernelMemory, ScratchBatches } from '../../parity/index.ts'
import { loadAddon, type NativeBatchKernels } from './load-addon.ts'

/** Makes the loops over batches for a kernel memory in native code; undefined without the addon. */
export function nativeBatches(): ((memory: KernelMemory) => BatchKernels) | undefined {
  const kernels = loadAddon().addon?.batchKernels[0]
  return kernels && ((memory) => new NativeBatches(memory, kernels))
}

/** Native code reads and writes the batches' bytes where they are, so that they are not copied in or out. */
export class NativeBatches implements BatchKernels {
  readonly #memory: KernelMemory
  readonly #kernels: NativeBatchKernels
  readonly #scratch: ScratchBatches

  constructor(memory: KernelMemory, kernels: NativeBatchKernels) {
    this.#memory = memory
    this.#kernels = kernels
    this.#scratch = new ScratchBatches(memory)
  }

  bring(bytes: Uint8Array, targets: Uint32Array, holds: Uint8Array, coefficients: Uint8Array): void {
    const isSlow = coefficients.some((coefficient) => this.#multipliesSlowly(coefficient))
    if (isSlow) this.#scratch.bring(bytes, targets, holds, coefficients)
    else this.#kernels.bring(this.#memory.bytes, bytes, targets, holds, coefficients)
  }

  take(sources: Uint32Array, bases: Uint32Array, coefficient: number, out: Uint8Array): void {
    if (this.#multipliesSlowly(coefficient)) this.#scratch.take(sources, bases, coefficient, out)
    else this.#kernels.take(this.#memory.bytes, sources, bases, coefficient, out)
  }

  sum(
    incoming: Uint8Array,
    arrivals: Int32Array,
    own: Uint32Array,
    holds: Uint8Array,
    coefficient: number,
    out: Uint8Array,
  ): number {
    if (this.#multipliesSlowly(coefficient)) return this.#scratch.sum(incoming, arrivals, own, holds, coefficient, out)
    return this.#kernels.sum(this.#memory.bytes, incoming, arrivals, own, holds, coefficient, out)
  }

  addHashes(offsets: Uint32Array, numbers: Uint32Array, pageSizeBytes: number, sums: Uint32Array): void {
    this.#kernels.addHashes(this.#memory.bytes, offsets, numbers, pageSizeBytes, sums)
  }

  fold(...work: Parameters<BatchKernels['fold']>): void {
    this.#kernels.fold(this.#memory.bytes, ...work)
  }

  captureChanged(...work: Parameters<BatchKernels['captureChanged']>): number {
    return this.#kernels.captureChanged(this.#memory.bytes, ...work)
  }

  countChanged(...work: Parameters<BatchKernels['countChanged']>): number {
    return this.#kernels.countChanged(this.#memory.bytes, ...work)
  }

  restoreChanged(...work: Parameters<BatchKernels['restoreChanged']>): void {
    this.#kernels.restoreChanged(this.#memory.bytes, ...work)
  }

  /** Plain C++ has no table lookup in registers, which WASM SIMD has: copying in and out costs less than that. */
  #multipliesSlowly(coefficient: number): boolean {
    return coefficient !== 1 && this.#kernels.name === 'plain'
  }
}
