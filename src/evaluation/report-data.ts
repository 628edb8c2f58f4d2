import type { EvaluatedMachine } from './circumstances.ts'
import { type Evaluation, evaluate } from './evaluation.ts'
import { type PaperRow, paperRows } from './paper.ts'
import type { RunRecord } from './record.ts'
import type { EvaluationSetting } from './setting.ts'

/** All of `report.json`, and all that the page of a report is made of. */
export interface ReportData {
  readonly paritas: string
  readonly machine: EvaluatedMachine
  /** Processes that wanted to compute, one minute's mean, before the first run and after the last of this sitting. */
  readonly load: { readonly before: number; readonly after: number }
  readonly setting: EvaluationSetting
  /** Of --mtbf. */
  readonly mtbfSeconds: number
  readonly results: Evaluation
  readonly paper: readonly PaperRow[]
  /** Every run, those of the warm-up too: the raw figures. */
  readonly runs: readonly RunRecord[]
}

export function reportData(
  runs: readonly RunRecord[],
  { setting, mtbfSeconds, ...about }: Omit<ReportData, 'results' | 'paper' | 'runs'>,
): ReportData {
  const results = evaluate(runs, setting, [1 / mtbfSeconds])
  return { ...about, setting, mtbfSeconds, results, paper: paperRows(), runs }
}
