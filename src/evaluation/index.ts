/**
 * The evaluation: applications under each scheme, in turns, with and without faults, and what the figures of all runs
 * say: O, L and R, the overhead ratio in the long run, and one scheme beside another. Nothing is printed here.
 */
export { machineFacts } from './circumstances.ts'
export { codeHash } from './code-hash.ts'
export { evaluate, type Headline } from './evaluation.ts'
export type { Ratio, SchemeFigures } from './figures.ts'
export { ratioAt } from './long-run.ts'
export { type PaperRow, paperFailuresPerSecond, paperRatios } from './paper.ts'
export { Performer, WrongRunError } from './perform.ts'
export { expectedSeconds, type PlannedRun, planRuns, processorsAtMost } from './plan.ts'
export type { RunRecord } from './record.ts'
export { type ReportData, reportData } from './report-data.ts'
export {
  type ApplicationName,
  applicationNames,
  type EvaluationSetting,
  freezes,
  type PartName,
  partNames,
  type SizeName,
} from './setting.ts'
export { StateFolder } from './state-folder.ts'
export { bootstrap, type Estimate, estimate, fewestRounds, isAboveZero } from './statistics.ts'
