import { readFileSync } from 'node:fs'
import { compileKernels, type KernelModule, portableKernels, supportsKernels } from '../parity/index.ts'

/** The fastest kernels that this machine's JavaScript engine can run. */
export function loadKernels(): KernelModule {
  const wasmBytes = readFileSync(new URL('../../dist/parity/kernels.wasm', import.meta.url))
  return supportsKernels(wasmBytes) ? compileKernels(wasmBytes) : portableKernels
}
