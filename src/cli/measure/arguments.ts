import { UsageError } from '../../base/index.ts'
import { wantedTrackers } from '../../machine/index.ts'
import type { MeasuredSetting } from '../../measure/index.ts'
import { parseName, parseNames, parsePath } from '../choices.ts'
import { parseBytes, parseWhole } from '../quantities.ts'

/** The options of `paritas measure` as they were typed. */
export interface TypedMeasureOptions {
  readonly processes: string
  readonly memory: string
  readonly changed: string
  readonly tolerate: string
  readonly tracker: string
  readonly load: string
  readonly rounds?: string
  readonly quick?: true
  readonly fresh?: true
  readonly only?: string
  /** `true`: as the last line of stdout. */
  readonly json?: string | true
}

export const partNames = ['codes', 'links', 'checkpoints', 'slowdown'] as const
export type MeasurePart = (typeof partNames)[number]

export interface MeasureArguments {
  readonly setting: MeasuredSetting
  /** Shares of the memory that change in an interval; each above 0. */
  readonly changedPercents: readonly number[]
  readonly rounds: number
  readonly isQuick: boolean
  /** Runs begin on memory that this machine may have to get from its host; else on memory that was used right before. */
  readonly isFresh: boolean
  readonly parts: readonly MeasurePart[]
  /** `line`: as the last line of stdout. */
  readonly json: { readonly kind: 'none' | 'line' } | { readonly kind: 'file'; readonly path: string }
}

export const measureDefaults = {
  processes: '4',
  memory: '64MiB',
  changed: '1%,10%,100%',
  tolerate: '1',
  tracker: 'auto',
  load: '100%',
  rounds: '7',
} as const

const quickRounds = 3
const roundsMax = 1000
const pageBytes = 4096
const memoryBytesMax = 2 ** 30

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readMeasureArguments(typed: TypedMeasureOptions): MeasureArguments {
  const isQuick = typed.quick ?? false
  const rounds = typed.rounds ?? measureDefaults.rounds
  return {
    setting: {
      processes: parseWhole('--processes', typed.processes, { min: 1, max: 64 }),
      memoryBytes: readMemory(typed.memory),
      tolerate: parseWhole('--tolerate', typed.tolerate, { min: 1, max: 8 }),
      tracker: parseName('--tracker', typed.tracker, wantedTrackers),
      loadPercent: readLoad(typed.load),
    },
    changedPercents: typed.changed.split(',').map(readChanged),
    rounds: isQuick ? quickRounds : parseWhole('--rounds', rounds, { min: 1, max: roundsMax }),
    isQuick,
    isFresh: typed.fresh ?? false,
    parts: typed.only === undefined ? partNames : parseNames('--only', typed.only, partNames),
    json: readJson(typed.json),
  }
}

function readMemory(text: string): number {
  // In `paritas run` the option of that name chooses the tracker.
  if (wantedTrackers.some((tracker) => tracker === text)) {
    throw new UsageError(`--memory is the size of a process here: choose the tracker with --tracker ${text}`)
  }
  const bytes = parseBytes('--memory', text)
  if (bytes < pageBytes || bytes > memoryBytesMax) {
    throw new UsageError(`--memory must be from 4KiB to 1GiB, but is '${text}'`)
  }
  return Math.ceil(bytes / pageBytes) * pageBytes
}

function readChanged(text: string): number {
  const percent = percentIn(text)
  if (percent > 0) return percent
  throw new UsageError(`--changed must be shares of the memory such as 1%,10%,100%, each above 0, but has '${text}'`)
}

function readLoad(text: string): number {
  const percent = percentIn(text)
  if (percent >= 0) return percent
  throw new UsageError(`--load must be from 0% to 100%, but is '${text}'`)
}

/** NaN if it is none from 0 to 100. */
function percentIn(text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?) ?%?$/.exec(text.trim()) ?? []
  const percent = Number(digits)
  return percent <= 100 ? percent : Number.NaN
}

function readJson(typed: string | true | undefined): MeasureArguments['json'] {
  if (typed === undefined) return { kind: 'none' }
  if (typed === true) return { kind: 'line' }
  return { kind: 'file', path: parsePath('--json', typed)! }
}
