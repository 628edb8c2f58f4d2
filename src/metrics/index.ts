/**
 * What checkpoints cost in the long run, under failures that come at random: Vaidya's best interval, expected time and
 * overhead ratio, and the two rules of thumb that stand beside them, Young's and Daly's. Seconds in, seconds out. And
 * what a single run cost, read out of its trace.
 */
export { dalyIntervalSeconds, youngIntervalSeconds } from './rules-of-thumb.ts'
export { type TraceCosts, traceCosts } from './trace-costs.ts'
export type { TracedRecovery } from './traced-recoveries.ts'
export {
  type CheckpointCosts,
  expectedSeconds,
  type Failures,
  optimalIntervalSeconds,
  optimalOverheadRatio,
  overheadRatio,
} from './vaidya.ts'
