import { readFileSync } from 'node:fs'
import { nativeBatches } from '../memory/native/index.ts'
import { compileKernels, type KernelModule, portableKernels, supportsKernels } from '../parity/index.ts'

/** The fastest kernels that this machine can run: WASM SIMD where its JavaScript engine has it, with native code for batches. */
export function loadKernels(): KernelModule {
  const wasmBytes = readFileSync(new URL('../../dist/parity/kernels.wasm', import.meta.url))
  return supportsKernels(wasmBytes) ? compileKernels(wasmBytes, nativeBatches()) : portableKernels
}
