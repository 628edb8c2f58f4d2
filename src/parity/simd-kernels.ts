import type { BatchKernels } from './batch-kernels.ts'
import { growthStepBytes, type KernelMemory, type KernelModule, LinearMemory, reserve } from './kernel-memory.ts'
import { ScratchBatches } from './scratch-batches.ts'

interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  grow(wasmPages: number): number
}

/** The little of the WebAssembly interface that is used here; pure folders see no DOM types. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: { env: { memory: SharedMemory } }) => { readonly exports: object }
}

interface KernelExports
  extends Pick<KernelMemory, 'copy' | 'xor' | 'multiply' | 'multiplyAdd' | 'addHash' | 'restoreChanged'> {
  isZero(offset: number, bytes: number): number
  countChanged: KernelMemory['countChanged']
  captureChanged: KernelMemory['captureChanged']
}

/** Whether this machine's JavaScript engine can run the compiled kernels (WASM with SIMD and shared memory). */
export function supportsKernels(wasmBytes: Uint8Array): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(wasmBytes)
}

/**
 * Kernels out of the compiled src/parity/assembly/kernels.ts. `batchesOf` makes the loops over batches, where
 * there are better ones than these kernels with a scratch space. Throws where `supportsKernels` is false.
 */
export function compileKernels(
  wasmBytes: Uint8Array,
  batchesOf?: (memory: KernelMemory) => BatchKernels,
): KernelModule {
  const module = new WebAssembly.Module(wasmBytes)
  return { name: 'simd', create: ({ maximumBytes }) => new SimdMemory(module, maximumBytes, batchesOf) }
}

class SimdMemory extends LinearMemory implements KernelMemory {
  readonly batches: BatchKernels
  readonly #memory: SharedMemory
  readonly #kernels: KernelExports
  readonly copy: KernelMemory['copy']
  readonly xor: KernelMemory['xor']
  readonly multiply: KernelMemory['multiply']
  readonly multiplyAdd: KernelMemory['multiplyAdd']
  readonly addHash: KernelMemory['addHash']
  readonly countChanged: KernelMemory['countChanged']
  readonly captureChanged: KernelMemory['captureChanged']
  readonly restoreChanged: KernelMemory['restoreChanged']

  constructor(
    module: object,
    maximumBytes: number,
    batchesOf = (memory: KernelMemory): BatchKernels => new ScratchBatches(memory),
  ) {
    const make = (steps: number) => new WebAssembly.Memory({ initial: 1, maximum: steps, shared: true })
    const memory = reserve(maximumBytes, make)
    super(memory.buffer, maximumBytes)
    this.#memory = memory
    this.#kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as KernelExports
    this.copy = this.#kernels.copy
    this.xor = this.#kernels.xor
    this.multiply = this.#kernels.multiply
    this.multiplyAdd = this.#kernels.multiplyAdd
    this.addHash = this.#kernels.addHash
    this.countChanged = this.#kernels.countChanged
    this.captureChanged = this.#kernels.captureChanged
    this.restoreChanged = this.#kernels.restoreChanged
    this.batches = batchesOf(this)
  }

  isZero(offset: number, bytes: number): boolean {
    return this.#kernels.isZero(offset, bytes) !== 0
  }

  protected extend(bytes: number): SharedArrayBuffer {
    this.#memory.grow((bytes - this.#memory.buffer.byteLength) / growthStepBytes)
    return this.#memory.buffer
  }
}
