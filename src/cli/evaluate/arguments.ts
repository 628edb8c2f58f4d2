import { UsageError } from '../../base/index.ts'
import { applicationNames, type EvaluationSetting, freezes, partNames, type SizeName } from '../../evaluation/index.ts'
import { coresEachMin, type ResumeTime, resumeTimes, type SchemeName, schemeNames } from '../../machine/index.ts'
import { parseName, parseNames, parsePath } from '../choices.ts'
import { parseDuration, parseWhole } from '../quantities.ts'

/** The options of `paritas evaluate` as they were typed. */
export interface TypedEvaluateOptions {
  readonly applications?: string
  readonly schemes?: string
  readonly only?: string
  readonly resume?: string
  readonly processes: string
  readonly tolerate: string
  readonly coresEach?: string
  readonly interval?: string
  readonly rounds?: string
  readonly seed: string
  readonly mtbf: string
  readonly output: string
  readonly quick?: true
  readonly size?: string
}

export interface EvaluateArguments {
  readonly setting: EvaluationSetting
  readonly mtbfSeconds: number
  /** The folder for runs and report. */
  readonly output: string
}

export const evaluateDefaults = {
  ...{ processes: '4', tolerate: '1', seed: '1', mtbf: '24h', output: 'evaluation' },
  ...{ interval: '500ms', quickInterval: '150ms', rounds: '15', quickRounds: '3' },
} as const

/** What depends on the size of an evaluation alone. */
const extents: Readonly<
  Record<SizeName, Pick<EvaluationSetting, 'recoveryRounds' | 'timeoutRounds' | 'changedPercents'>>
> = {
  full: { recoveryRounds: 5, timeoutRounds: 5, changedPercents: [1, 3, 10, 30, 100] },
  quick: { recoveryRounds: 1, timeoutRounds: 1, changedPercents: [1, 10, 100] },
  tiny: { recoveryRounds: 1, timeoutRounds: 1, changedPercents: [50] },
}

const mtbfMsMax = 1000 * 365.25 * 86_400_000

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readEvaluateArguments(typed: TypedEvaluateOptions): EvaluateArguments {
  const size = readSize(typed)
  const [interval, rounds] =
    size === 'full'
      ? [evaluateDefaults.interval, evaluateDefaults.rounds]
      : [evaluateDefaults.quickInterval, evaluateDefaults.quickRounds]
  const schemes = typed.schemes === undefined ? schemeNames : parseNames('--schemes', typed.schemes, schemeNames)
  const applications =
    typed.applications === undefined
      ? applicationNames
      : parseNames('--applications', typed.applications, applicationNames)
  return {
    setting: {
      applications,
      schemes,
      parts: typed.only === undefined ? partNames : parseNames('--only', typed.only, partNames),
      resume: readResume(typed.resume, schemes),
      processes: parseWhole('--processes', typed.processes, { min: 2, max: 64 }),
      tolerate: parseWhole('--tolerate', typed.tolerate, { min: 1, max: 8 }),
      tracker: 'auto',
      coresEach: typed.coresEach === undefined ? null : readCores(typed.coresEach),
      intervalMs: readInterval(typed.interval ?? interval),
      rounds: parseWhole('--rounds', typed.rounds ?? rounds, { min: 1, max: 1000 }),
      ...extents[size],
      seed: parseWhole('--seed', typed.seed, { min: 0, max: 2 ** 20 }),
      size,
    },
    mtbfSeconds: readMtbf(typed.mtbf),
    output: parsePath('--output', typed.output, 'folder')!,
  }
}

function readSize({ quick, size }: TypedEvaluateOptions): SizeName {
  if (quick) return 'quick'
  const names = ['full', 'quick', 'tiny'] as const
  return parseName('--size', size ?? 'full', names)
}

function readResume(text: string | undefined, schemes: readonly SchemeName[]): ResumeTime {
  if (text === undefined) return 'after-commit'
  const found = parseName('--resume', text, resumeTimes)
  if (schemes.some(freezes)) return found
  throw new UsageError(`--resume ${text}: nobody is frozen under the chosen --schemes; leave out --resume`)
}

const coresEachMax = 64

function readCores(text: string): number {
  const cores = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (cores >= coresEachMin && cores <= coresEachMax) return cores
  throw new UsageError(
    `--cores-each must be a number of cores from ${coresEachMin} to ${coresEachMax}, but is '${text}'`,
  )
}

function readInterval(text: string): number {
  const ms = parseDuration('--interval', text)
  if (ms >= 10) return ms
  throw new UsageError(`--interval must be at least 10ms, but is '${text}'`)
}

function readMtbf(text: string): number {
  const ms = parseDuration('--mtbf', text, mtbfMsMax)
  if (ms > 0) return ms / 1000
  throw new UsageError(`--mtbf must be more than 0, but is '${text}'`)
}
