import type { TrackerName } from '../../memory/native/index.ts'
import type { MachineFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import {
  judgeAddon,
  judgeCores,
  judgeFirstTouch,
  judgeHugePages,
  judgeKernels,
  judgeLimits,
  judgeMemory,
  judgeSharedMemory,
  judgeShares,
} from './judge-machine.ts'
import { judgeTracking } from './judge-tracking.ts'

export interface Diagnosis {
  /** What a run uses that does not say otherwise. */
  readonly uses: { readonly tracker: TrackerName; readonly kernels: string }
  readonly findings: readonly Finding[]
}

/** What the facts mean for Paritas. */
export function judge(facts: MachineFacts): Diagnosis {
  const kernels = judgeKernels(facts)
  return {
    uses: { tracker: facts.trackers.shadow.available ? 'shadow' : 'compare', kernels: kernels.value },
    findings: [
      ...judgeTracking(facts),
      judgeAddon(facts),
      kernels,
      judgeSharedMemory(facts),
      ...judgeHugePages(facts),
      judgeMemory(facts),
      ...judgeFirstTouch(facts),
      judgeCores(facts),
      judgeShares(facts),
      ...judgeLimits(facts),
    ],
  }
}
