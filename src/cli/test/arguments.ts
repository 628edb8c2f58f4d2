import { UsageError } from '../../base/index.ts'
import { parsePath, parseSeed } from '../choices.ts'
import { parseWhole } from '../quantities.ts'
import { testDefaults } from './defaults.ts'

/** The options of `paritas test` as they were typed. */
export interface TypedTestOptions {
  readonly runs: string
  readonly run?: string
  readonly processes: string
  readonly tolerate: string
  readonly size: readonly string[]
  readonly input?: readonly string[]
  readonly compare?: string
  readonly seed?: string
  readonly verbose?: true
  readonly json?: true
}

/** What `paritas test` is to do. */
export interface TestArguments {
  readonly program: string
  /** Which runs with losses are made; the first is 1. */
  readonly runs: readonly number[]
  readonly processes: number
  readonly tolerate: number
  /** Each `name=value`. */
  readonly sizeSettings: readonly string[]
  readonly inputPaths: readonly string[]
  /** A module that compares two runs; null: they must give the same. */
  readonly comparePath: string | null
  /** Null when none was given. */
  readonly seed: number | null
  readonly isVerbose: boolean
  readonly isJson: boolean
}

const runsMax = 1_000_000

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readTestArguments(program: string, typed: TypedTestOptions): TestArguments {
  const runs = parseWhole('--runs', typed.runs, { min: 1, max: runsMax })
  const only = typed.run === undefined ? null : parseWhole('--run', typed.run, { min: 1, max: runsMax })
  if (only !== null && typed.seed === undefined) {
    throw new UsageError(`--run ${only}: say by --seed which runs are meant; the seed was told with the run`)
  }
  return {
    program,
    runs: only === null ? Array.from({ length: runs }, (_, index) => index + 1) : [only],
    processes: parseWhole('--processes', typed.processes, { min: 1, max: 64 }),
    tolerate: parseWhole('--tolerate', typed.tolerate, { min: 1, max: 8 }),
    sizeSettings: typed.size,
    inputPaths: typed.input ?? [],
    comparePath: parsePath('--compare', typed.compare),
    seed: parseSeed(typed.seed),
    isVerbose: typed.verbose ?? false,
    isJson: typed.json ?? false,
  }
}

/** The command that makes the run again. */
export function commandFor(args: TestArguments, seed: number, run: number | null): string {
  const words = [args.program, '--seed', String(seed), ...(run === null ? ['--runs', '1'] : ['--run', String(run)])]
  if (args.processes !== Number(testDefaults.processes)) words.push('--processes', String(args.processes))
  if (args.tolerate !== Number(testDefaults.tolerate)) words.push('--tolerate', String(args.tolerate))
  for (const setting of args.sizeSettings) words.push('--size', setting)
  if (args.comparePath !== null) words.push('--compare', args.comparePath)
  if (args.inputPaths.length > 0) words.push('--input', ...args.inputPaths)
  return `paritas test ${words.map(quoted).join(' ')}`
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
