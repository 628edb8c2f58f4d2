import { loadKernels } from '../../src/machine/kernels.ts'
import { type KernelModule, portableKernels } from '../../src/parity/index.ts'

/** Both implementations of the kernels: what is promised of one must hold for the other. */
export const bothKernels: readonly KernelModule[] = [portableKernels, loadKernels()]
