/**
 * What this machine can do, measured: copies and codes, first writes under the page tracker, links between processes,
 * and checkpoints, recoveries and slowdown of real runs. Nothing is printed here.
 */
export { checkpointIntervalMs, checkpointsOf, type MeasuredCosts, measureCheckpoints } from './checkpoint-costs.ts'
export { type CodeSpeed, type CodeSpeeds, measureCodes } from './code-speed.ts'
export { CopyYardstick } from './copying.ts'
export { type Conditions, type Figure, figureOf } from './figure.ts'
export { type FirstTouch, measureFirstTouch } from './first-touch.ts'
export { type FirstWrite, measureFirstWrite } from './first-write.ts'
export { type LinkSpeed, measureLinks } from './link-speed.ts'
export { measureSlowdown, type Slowdown, slowdownRoundMs } from './slowdown.ts'
export { loadWorkload, type MeasureBench, type MeasuredSetting } from './workload.ts'
