import { openMemory } from '../../src/memory/native/index.ts'
import { bothKernels } from '../parity/both-kernels.ts'
import { closing } from './closing.ts'
import { memoryContract } from './contract.ts'
import { isThere, kernelTrackers } from './kernel-trackers.ts'

for (const tracker of kernelTrackers.filter(isThere)) {
  for (const kernels of bothKernels) {
    for (const pageSizeBytes of tracker === 'lean' ? [4096] : [4096, 32]) {
      memoryContract({
        name: `${tracker}, ${kernels.name}, pages of ${pageSizeBytes}`,
        pageSizeBytes,
        countsWritten: tracker === 'lean',
        make: (options) => closing(openMemory({ kernels, pageSizeBytes, tracker, ...options }).memory),
      })
    }
  }
}
