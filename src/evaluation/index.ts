/**
 * The evaluation: applications under each scheme, in turns, with and without faults, and what the figures of all runs
 * say: O, L and R, the overhead ratio in the long run, and one scheme beside another. Nothing is printed here.
 */
export { type EvaluatedMachine, machineFacts } from './circumstances.ts'
export { codeHash } from './code-hash.ts'
export {
  type ChangedFigures,
  type Evaluation,
  evaluate,
  type Headline,
  type TimeoutFigures,
} from './evaluation.ts'
export type { MemoryShare, Ratio, RecoveryFigures, SchemeFigures } from './figures.ts'
export { type LongRun, type OverheadMeasure, ratioAt } from './long-run.ts'
export { type PaperRatios, type PaperRow, paperFailuresPerSecond, paperRatios } from './paper.ts'
export { type EvaluationBench, Performer, WrongRunError } from './perform.ts'
export { expectedSeconds, isProtected, type PlannedKill, type PlannedRun, planRuns, type RunPurpose } from './plan.ts'
export type { Capture, HoldUp, RunRecord } from './record.ts'
export { type ReportData, reportData } from './report-data.ts'
export { type ApplicationName, applicationNames, type EvaluationSetting, freezes, type SizeName } from './setting.ts'
export { StateFolder } from './state-folder.ts'
export { bootstrap, type Estimate, estimate, fewestRounds, type Interval, isAboveZero } from './statistics.ts'
