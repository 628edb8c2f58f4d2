import type { SchemeName } from '../machine/index.ts'
import { type Ratio, ratioOf, type SchemeFigures, schemeFigures } from './figures.ts'
import { type LongRun, longRun, longRunRatio } from './long-run.ts'
import { type PaperRatios, paperFailuresPerSecond, paperRatios } from './paper.ts'
import type { RunRecord } from './record.ts'
import type { EvaluationSetting } from './setting.ts'
import { type Estimate, estimate } from './statistics.ts'

/** What all runs together say. Plain JSON, made of nothing but raw figures and the setting. */
export interface Evaluation {
  readonly schemes: readonly SchemeFigures[]
  /** Of each application and scheme that keeps checkpoints, at each rate of failures. */
  readonly longRuns: readonly (Pick<SchemeFigures, 'application' | 'scheme'> & LongRun)[]
  /** Of each application. */
  readonly headlines: readonly Headline[]
  readonly timeout: readonly TimeoutFigures[]
  readonly changed: readonly ChangedFigures[]
}

/** The enhanced scheme by N+1 parity: below 1, the enhanced one is better. Null where one of them was not measured. */
export interface Headline {
  readonly application: string
  readonly overhead: Ratio | null
  readonly heldUp: Ratio | null
  /** r at the paper's rate of failures, with O from paired runs and with the time held up as O. */
  readonly ratio: Ratio | null
  readonly heldUpRatio: Ratio | null
  readonly paper: PaperRatios | null
}

/** The key-value store, which loses a process at the same point of its work with a timeout and without one. */
export interface TimeoutFigures {
  /** Null: no timeout. */
  readonly timeoutMs: number | null
  readonly runs: number
  readonly checkpoints: Estimate | null
  readonly lostWorkMs: Estimate | null
  readonly elapsedMs: Estimate | null
}

/** What captures cost when a share of the pages changes from one to the next. */
export interface ChangedFigures {
  readonly scheme: SchemeName
  readonly changedPercent: number
  /** One sample for each process and checkpoint, the first ones left out. */
  readonly heldUpMs: Estimate | null
}

/** `ratesPerSecond`: rates of failures beside the paper's. */
export function evaluate(
  records: readonly RunRecord[],
  setting: EvaluationSetting,
  ratesPerSecond: readonly number[],
): Evaluation {
  const { applications, schemes } = setting
  const figures = applications.flatMap((name) => schemes.map((one) => schemeFigures(records, name, one, setting)))
  const rates = [...new Set([paperFailuresPerSecond, ...ratesPerSecond])]
  return {
    schemes: figures,
    longRuns: figures.flatMap((one) => longRunsOf(one, rates)),
    headlines: applications.map((name) => headlineOf(name, figures)),
    timeout: timeoutFigures(records),
    changed: changedFigures(records),
  }
}

function longRunsOf(figures: SchemeFigures, rates: readonly number[]): Evaluation['longRuns'] {
  const { application, scheme } = figures
  return rates.flatMap((rate) =>
    (['paired', 'held-up'] as const).flatMap((measure) => {
      const found = longRun(figures, rate, measure)
      return found ? [{ application, scheme, ...found }] : []
    }),
  )
}

function headlineOf(application: string, figures: readonly SchemeFigures[]): Headline {
  const find = (scheme: SchemeName) => figures.find((one) => one.application === application && one.scheme === scheme)
  const [above, below] = [find('enhanced'), find('n+1-parity')]
  const paper = paperRatios(application)
  if (!above || !below) return { application, overhead: null, heldUp: null, ratio: null, heldUpRatio: null, paper }
  return {
    ...{ application, paper },
    overhead: ratioOf(above.overheadMs, below.overheadMs),
    heldUp: ratioOf(above.heldUpMs, below.heldUpMs),
    ratio: longRunRatio(above, below, paperFailuresPerSecond, 'paired'),
    heldUpRatio: longRunRatio(above, below, paperFailuresPerSecond, 'held-up'),
  }
}

function timeoutFigures(records: readonly RunRecord[]): TimeoutFigures[] {
  const runs = records.filter(({ part }) => part === 'timeout')
  return [...new Set(runs.map(({ timeoutMs }) => timeoutMs))].map((timeoutMs) => {
    const those = runs.filter((one) => one.timeoutMs === timeoutMs)
    return {
      ...{ timeoutMs, runs: those.length },
      checkpoints: estimate(those.map(({ committed }) => committed)),
      lostWorkMs: estimate(those.flatMap(({ recoveries }) => recoveries.map(({ lostWorkMs }) => lostWorkMs))),
      elapsedMs: estimate(those.map(({ elapsedMs }) => elapsedMs)),
    }
  })
}

/** The first one holds everything there is, and after it pages come back from the pool. */
const warmUpCheckpoints = 2

function changedFigures(records: readonly RunRecord[]): ChangedFigures[] {
  return records
    .filter(({ part }) => part === 'changed')
    .map(({ scheme, changedPercent, holdUps }) => {
      const counted = holdUps.filter(({ checkpoint }) => checkpoint > warmUpCheckpoints)
      return { scheme, changedPercent: changedPercent!, heldUpMs: estimate(counted.map(({ ms }) => ms)) }
    })
    .sort((one, other) => one.changedPercent - other.changedPercent)
}
