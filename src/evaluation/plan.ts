import { seededRandom } from '../base/index.ts'
import { countPlaces, defaultSettings, protectionFor, type SchemeName } from '../machine/index.ts'
import { changingWorkload, timeoutWorkload, type Workload, workloadOf } from './applications.ts'
import type { EvaluationSetting, PartName } from './setting.ts'

/**
 * What runs are for. `warm-up`: for nothing. `overhead`: without faults. `recovery`: one process is killed. `timeout`:
 * the same, with and without a timeout. `changed`: a share of the pages changes in each interval. `diagram`: is traced.
 */
export type RunPurpose = PartName | 'warm-up'

/** SIGKILL of a process at a share (0 to 1) of the program's progress. */
export interface PlannedKill {
  readonly rank: number
  readonly atShare: number
}

export interface PlannedRun {
  /** Different for each run of an evaluation, and the same whenever the evaluation is begun anew. */
  readonly key: string
  readonly part: RunPurpose
  readonly workload: Workload
  readonly scheme: SchemeName
  /** From 1 on. */
  readonly round: number
  readonly kill: PlannedKill | null
  /** Longest time between two checkpoints; null for no timeout. */
  readonly timeoutMs: number | null
  /** Of part `changed`. */
  readonly changedPercent: number | null
}

/** All runs of an evaluation, in their order: in each round everything has its turn, in even rounds backwards. */
export function planRuns(setting: EvaluationSetting): PlannedRun[] {
  const { rounds, recoveryRounds, timeoutRounds } = setting
  const runs: Readonly<Record<PartName, PlannedRun[]>> = {
    overhead: inRounds(rounds, (round) => overheadRuns(setting, round)),
    recovery: inRounds(recoveryRounds, (round) => recoveryRuns(setting, round)),
    timeout: inRounds(timeoutRounds, (round) => timeoutRuns(setting, round)),
    changed: changedRuns(setting),
    diagram: diagramRun(setting),
  }
  return [...warmUps(setting), ...setting.parts.flatMap((part) => runs[part])]
}

export const isProtected = (scheme: SchemeName): boolean => scheme !== 'none'

function inRounds(rounds: number, runsOf: (round: number) => PlannedRun[]): PlannedRun[] {
  return Array.from({ length: rounds }, (_, index) => {
    const runs = runsOf(index + 1)
    return index % 2 === 0 ? runs : runs.reverse()
  }).flat()
}

type Choice = Pick<PlannedRun, 'part' | 'workload' | 'scheme'> & Partial<PlannedRun>

function runOf({ timeoutMs = null, round = 1, kill = null, changedPercent = null, ...choice }: Choice): PlannedRun {
  const { part, workload, scheme } = choice
  const variant = changedPercent === null ? (timeoutMs === null ? 'no-timeout' : '') : `${changedPercent}%`
  const key = [part, workload.program, scheme, variant, `round-${round}`].filter((word) => word !== '').join(' ')
  return { key, ...choice, round, kill, timeoutMs, changedPercent }
}

/** The first runs find no file in the system's cache, and a processor that has slept. */
function warmUps({ applications, schemes, size, intervalMs }: EvaluationSetting): PlannedRun[] {
  const scheme = schemes.findLast(isProtected) ?? 'none'
  return applications.map((name) =>
    runOf({ part: 'warm-up', workload: workloadOf(name, size), scheme, timeoutMs: intervalMs }),
  )
}

function overheadRuns({ applications, schemes, size, intervalMs }: EvaluationSetting, round: number): PlannedRun[] {
  return applications.flatMap((name) =>
    schemes.map((scheme) =>
      runOf({ part: 'overhead', workload: workloadOf(name, size), scheme, round, timeoutMs: intervalMs }),
    ),
  )
}

function recoveryRuns(
  { applications, schemes, size, intervalMs, ...setting }: EvaluationSetting,
  round: number,
): PlannedRun[] {
  return applications.flatMap((name, index) => {
    // Of the application and the round alone: each scheme loses the same process, at the same point of its work.
    const kill = killOf(setting, 1000 * round + index)
    return schemes
      .filter(isProtected)
      .map((scheme) =>
        runOf({ part: 'recovery', workload: workloadOf(name, size), scheme, round, kill, timeoutMs: intervalMs }),
      )
  })
}

function timeoutRuns({ schemes, size, intervalMs, ...setting }: EvaluationSetting, round: number): PlannedRun[] {
  const kill = killOf(setting, 1000 * round + 999)
  const workload = timeoutWorkload(size)
  return schemes
    .filter((scheme) => scheme === 'enhanced')
    .flatMap((scheme) =>
      [intervalMs, null].map((timeoutMs) => runOf({ part: 'timeout', workload, scheme, round, kill, timeoutMs })),
    )
}

function changedRuns({ schemes, size, intervalMs, changedPercents }: EvaluationSetting): PlannedRun[] {
  return changedPercents.flatMap((changedPercent) =>
    schemes.filter(isProtected).map((scheme) =>
      runOf({
        ...{ part: 'changed', scheme, changedPercent, timeoutMs: intervalMs },
        workload: changingWorkload(size, changedPercent, intervalMs),
      }),
    ),
  )
}

/** Short, and with few messages: a picture of a long run shows nothing. */
function diagramRun({ schemes, processes }: EvaluationSetting): PlannedRun[] {
  const workload: Workload = {
    ...{ program: 'merge-sort', sizes: ['records=400000', 'chunk=20000'] },
    expectedSeconds: 1,
  }
  const kill = { rank: Math.min(2, processes - 1), atShare: 0.35 }
  return schemes
    .filter((scheme) => scheme === 'enhanced')
    .map((scheme) => runOf({ part: 'diagram', workload, scheme, kill, timeoutMs: 60 }))
}

function killOf({ seed, processes }: Pick<EvaluationSetting, 'seed' | 'processes'>, salt: number): PlannedKill {
  const random = seededRandom(seed * 100_003 + salt)
  return { rank: random.integer(0, processes - 1), atShare: random.integer(30, 70) / 100 }
}

/** Starting and ending of a run's processes, and looking at its result. */
const aroundSeconds = 0.9

/** On how many cores the expected times are of. */
const usualCores = 2

export function expectedSeconds(
  { workload }: Pick<PlannedRun, 'workload'>,
  { coresEach, processes }: Pick<EvaluationSetting, 'coresEach' | 'processes'>,
): number {
  // Check processors and spares have shares of their own, so that only the programs' count.
  const slower = coresEach === null ? 1 : Math.max(1, usualCores / (coresEach * processes))
  return (workload.expectedSeconds + aroundSeconds) * slower
}

/** The most processors that any of the runs has at a time. */
export function processorsAtMost({ schemes, processes, tolerate }: EvaluationSetting): number {
  const settings = { ...defaultSettings, processes }
  const places = schemes.map((scheme) =>
    countPlaces({ ...settings, protection: protectionFor(scheme, { code: 'reed-solomon', tolerate }) }),
  )
  return Math.max(...places) + (schemes.some(isProtected) ? 1 : 0)
}
