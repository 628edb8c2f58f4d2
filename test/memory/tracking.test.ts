import { openMemory } from '../../src/memory/native/index.ts'
import { bothKernels } from '../parity/both-kernels.ts'
import { closing } from './closing.ts'
import { isThere } from './kernel-trackers.ts'
import { trackingContract } from './tracking-contract.ts'

for (const tracker of (['compare', 'shadow', 'lean'] as const).filter(isThere)) {
  for (const kernels of bothKernels) {
    trackingContract({
      name: `${tracker}, ${kernels.name}`,
      make: (options) => closing(openMemory({ kernels, pageSizeBytes: 4096, tracker, ...options }).memory),
    })
  }
}
