/**
 * What checkpoints cost in the long run, under failures that come at random: Vaidya's best interval, expected time and
 * overhead ratio, and the two rules of thumb that stand beside them, Young's and Daly's. Seconds in, seconds out.
 */
export { dalyIntervalSeconds, youngIntervalSeconds } from './rules-of-thumb.ts'
export {
  type CheckpointCosts,
  expectedSeconds,
  optimalIntervalSeconds,
  optimalOverheadRatio,
  overheadRatio,
} from './vaidya.ts'
