import { UsageError } from '../../base/index.ts'
import { parseDuration } from '../quantities.ts'

/** The options of `paritas interval` as they were typed. */
export interface TypedIntervalOptions {
  readonly overhead: string
  readonly latency?: string
  readonly recovery?: string
  readonly mtbf?: string
  readonly rate?: string
  readonly json?: true
}

export interface IntervalArguments {
  readonly overheadSeconds: number
  readonly latencySeconds: number
  readonly recoverySeconds: number
  readonly failuresPerSecond: number
  readonly isJson: boolean
}

const dayMs = 86_400_000
/** A thousand years: far beyond what lasts, and far from where numbers lose their meaning. */
const durationMsMax = 365_250 * dayMs

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readIntervalArguments(typed: TypedIntervalOptions): IntervalArguments {
  const overheadSeconds = readSeconds('--overhead', typed.overhead)
  if (overheadSeconds === 0) {
    throw new UsageError(`--overhead must be more than 0: checkpoints that cost nothing have no best interval`)
  }
  return {
    overheadSeconds,
    // Nothing is committed before it is captured, so the latency is at least about that long.
    latencySeconds: typed.latency === undefined ? overheadSeconds : readSeconds('--latency', typed.latency),
    recoverySeconds: typed.recovery === undefined ? 0 : readSeconds('--recovery', typed.recovery),
    failuresPerSecond: readFailuresPerSecond(typed),
    isJson: typed.json ?? false,
  }
}

function readFailuresPerSecond({ mtbf, rate }: TypedIntervalOptions): number {
  if (rate !== undefined) return readRate(rate)
  if (mtbf === undefined) throw new UsageError('say how often failures come, with --mtbf 44h or --rate 6.3e-6/s')
  const seconds = readSeconds('--mtbf', mtbf)
  if (seconds > 0) return 1 / seconds
  throw new UsageError(`--mtbf must be more than 0, but is '${mtbf}'`)
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 }
const failuresPerSecondMax = 1e6

/** Failures a second in `6.3e-6`, `6.3e-6/s`, `0.5/h` or `2/d`. */
function readRate(text: string): number {
  const [, failures, unit = 's'] = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?:\/([a-z]+))?$/i.exec(text) ?? []
  const seconds = Object.hasOwn(secondsPer, unit) ? secondsPer[unit] : undefined
  const rate = failures === undefined || seconds === undefined ? 0 : Number(failures) / seconds
  // The same limit as for --mtbf.
  if (rate >= 1000 / durationMsMax && rate <= failuresPerSecondMax) return rate
  throw new UsageError(`--rate must be a number of failures such as 6.3e-6/s, 0.5/h or 2/d, but is '${text}'`)
}

function readSeconds(option: string, text: string): number {
  return parseDuration(option, text, durationMsMax) / 1000
}
