import type { SchemeName } from '../machine/index.ts'
import { type OverheadParts, overheadParts } from './overhead-parts.ts'
import type { RoleTimes } from './processor-times.ts'
import type { RunRecord } from './record.ts'
import type { EvaluationSetting } from './setting.ts'
import {
  bootstrap,
  type Estimate,
  estimate,
  estimateRounds,
  fewestRounds,
  type Interval,
  isAboveZero,
  mean,
  median,
  type RoundEstimate,
  samplesOf,
  sharedRounds,
} from './statistics.ts'

/** What one scheme costs one application. Times in milliseconds; null where there was nothing to measure. */
export interface SchemeFigures {
  readonly application: string
  readonly scheme: SchemeName
  readonly runs: number
  readonly elapsedMs: Estimate | null
  /** Committed in a run. */
  readonly checkpoints: Estimate | null
  /** O: (elapsed - elapsed without protection in the same round) / checkpoints, one sample a round. */
  readonly overheadMs: RoundEstimate | null
  readonly overheadParts: OverheadParts | null
  /** Of a run. */
  readonly processorMs: Readonly<Record<keyof RoleTimes, Estimate>> | null
  /** How long a checkpoint holds a process up, measured where it happens: the mean of each run. */
  readonly heldUpMs: RoundEstimate | null
  /** Of synchronous checkpoints: how much of the time held up passed until nothing was in transit. */
  readonly drainMs: Estimate | null
  /** L: the median of each run. */
  readonly latencyMs: RoundEstimate | null
  readonly recovery: RecoveryFigures | null
  /** In a checkpoint of one process, the mean of each run. */
  readonly loggedMessages: Estimate | null
  readonly loggedBytes: Estimate | null
  /** That all processes send for one checkpoint. */
  readonly deltaBytes: Estimate | null
  /** Bytes held for protection, on all processors, as a share of the program's own. */
  readonly memoryShare: MemoryShare | null
}

/** R and its parts, one sample for each recovery. */
export interface RecoveryFigures {
  readonly totalMs: Estimate
  readonly detectMs: Estimate
  readonly rebuildMs: Estimate
  readonly resumeMs: Estimate
  readonly lostWorkMs: Estimate
}

export interface MemoryShare {
  readonly application: number
  readonly checkpoint: number
  readonly backup: number
  readonly total: number
}

export function schemeFigures(
  records: readonly RunRecord[],
  application: string,
  scheme: SchemeName,
  setting: Pick<EvaluationSetting, 'processes' | 'coresEach'>,
): SchemeFigures {
  const of = (part: RunRecord['part'], wanted: SchemeName): RunRecord[] =>
    records.filter((one) => one.part === part && one.program === application && one.scheme === wanted)
  const runs = of('overhead', scheme)
  const pairs = pairsOf(runs, of('overhead', 'none'))
  const captured = runs.filter(({ captures }) => captures.length > 0)
  const held = runs.filter(({ holdUps }) => holdUps.length > 0)
  const meanOfCaptures = (pick: (capture: RunRecord['captures'][number]) => number): Estimate | null =>
    estimate(captured.map(({ captures }) => mean(captures.map(pick))))
  return {
    ...{ application, scheme, runs: runs.length },
    elapsedMs: estimate(runs.map(({ elapsedMs }) => elapsedMs)),
    checkpoints: scheme === 'none' ? null : estimate(runs.map(({ committed }) => committed)),
    overheadMs: estimateRounds(pairs.map(overheadOf)),
    overheadParts: overheadParts(pairs, setting),
    processorMs: processorMs(runs),
    heldUpMs: estimateRounds(held.map(({ round, holdUps }) => ({ round, value: mean(holdUps.map(({ ms }) => ms)) }))),
    drainMs: estimate(held.flatMap(({ holdUps }) => meanDrain(holdUps))),
    latencyMs: estimateRounds(
      runs
        .filter(({ latencyMs }) => latencyMs.length > 0)
        .map(({ round, latencyMs }) => ({ round, value: median(latencyMs) })),
    ),
    recovery: recoveryFigures(of('recovery', scheme)),
    loggedMessages: meanOfCaptures(({ loggedMessages }) => loggedMessages),
    loggedBytes: meanOfCaptures(({ loggedBytes }) => loggedBytes),
    deltaBytes: estimate(
      runs.filter(({ committed }) => committed > 0).map(({ deltaBytes, committed }) => deltaBytes / committed),
    ),
    memoryShare: memoryShare(captured),
  }
}

/** Empty where nobody was frozen. */
function meanDrain(holdUps: RunRecord['holdUps']): number[] {
  const drained = holdUps.flatMap(({ drainMs }) => (drainMs === null ? [] : [drainMs]))
  return drained.length === 0 ? [] : [mean(drained)]
}

type Pair = readonly [run: RunRecord, unprotected: RunRecord]

/** Of each round in which both ran and a checkpoint was committed. */
function pairsOf(runs: readonly RunRecord[], unprotected: readonly RunRecord[]): Pair[] {
  return runs.flatMap((run) => {
    const beside = unprotected.find(({ round }) => round === run.round)
    return !beside || run.committed === 0 || run.scheme === 'none' ? [] : [[run, beside] as const]
  })
}

function overheadOf([{ round, elapsedMs, committed }, beside]: Pair): { round: number; value: number } {
  return { round, value: (elapsedMs - beside.elapsedMs) / committed }
}

function processorMs(runs: readonly RunRecord[]): SchemeFigures['processorMs'] {
  const times = runs.flatMap(({ processorTimes }) => processorTimes ?? [])
  if (times.length === 0) return null
  const of = (role: keyof RoleTimes): Estimate => estimate(times.map(({ whole }) => whole[role]))!
  return { program: of('program'), application: of('application'), checkpoint: of('checkpoint'), backup: of('backup') }
}

function recoveryFigures(runs: readonly RunRecord[]): RecoveryFigures | null {
  const recoveries = runs.flatMap((one) => one.recoveries).filter(({ detectMs }) => detectMs !== null)
  if (recoveries.length === 0) return null
  const of = (pick: (recovery: RunRecord['recoveries'][number]) => number): Estimate => estimate(recoveries.map(pick))!
  return {
    totalMs: of(({ totalMs }) => totalMs),
    detectMs: of(({ detectMs }) => detectMs!),
    rebuildMs: of(({ rebuildMs }) => rebuildMs),
    resumeMs: of(({ resumeMs }) => resumeMs),
    lostWorkMs: of(({ lostWorkMs }) => lostWorkMs),
  }
}

function memoryShare(runs: readonly RunRecord[]): MemoryShare | null {
  if (runs.length === 0) return null
  const share = (pick: (memory: RunRecord['memory']) => number): number =>
    median(runs.map(({ memory }) => pick(memory) / memory.programBytes))
  return {
    application: share((one) => one.applicationBytes),
    checkpoint: share((one) => one.checkpointBytes),
    backup: share((one) => one.backupBytes),
    total: share((one) => one.applicationBytes + one.checkpointBytes + one.backupBytes),
  }
}

/** One scheme's figure beside another's, from rounds in which both were measured. */
export interface Ratio {
  readonly value: number
  readonly low: number
  readonly high: number
  /** In how many rounds both were measured. */
  readonly rounds: number
  /**
   * Both figures are above 0 with all of their intervals, of enough rounds; else the ratio says nothing, and must not
   * be shown.
   */
  readonly isKnown: boolean
}

/** The ratio of two medians, with rounds drawn together. Null if there is no round that both have. */
export function ratioOf(above: RoundEstimate | null, below: RoundEstimate | null): Ratio | null {
  if (!above || !below) return null
  const rounds = sharedRounds([above, below])
  if (rounds.length === 0) return null
  const paired = [above, below].map((figure) => samplesOf(figure, rounds))
  const interval = bootstrap(rounds.length, (picked) => {
    const [one, other] = paired.map((samples) => median(picked.map((index) => samples[index]!)))
    return one! / other!
  })
  return knownRatio(interval, rounds.length, [above, below])
}

/** `figures`: what the ratio is made of. */
export function knownRatio(interval: Interval, rounds: number, figures: readonly RoundEstimate[]): Ratio {
  return { ...interval, rounds, isKnown: rounds >= fewestRounds && figures.every(isAboveZero) }
}
