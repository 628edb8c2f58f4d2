import { createProtectedMemory } from '../../src/memory/index.ts'
import { bothKernels } from '../parity/both-kernels.ts'
import { memoryContract } from './contract.ts'

for (const kernels of bothKernels) {
  for (const pageSizeBytes of [4096, 32]) {
    memoryContract({
      name: `comparing, ${kernels.name}, pages of ${pageSizeBytes}`,
      pageSizeBytes,
      make: (options) => createProtectedMemory({ kernels, pageSizeBytes, ...options }),
    })
  }
}
