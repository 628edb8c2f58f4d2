/** What a manifest says of the run: all that `paritas resume` needs to go on with it as it was started. */
import { resolve } from 'node:path'
import type { CodeName, InputKind, LoadedProgram, SchemeName, WantedTracker } from '../../machine/index.ts'
import { inputKinds, schemes } from '../../machine/index.ts'
import { type AnySizes, UsageError } from '../../program/index.ts'
import { type Coordination, coordinations } from '../../protocol/index.ts'
import type { RunArguments } from './arguments.ts'
import { trackers } from './arguments.ts'

/** What --input gave, in a file of its own. */
export interface StoredInput {
  readonly kind: InputKind
  readonly bytes: number
  readonly checksum: number
}

export interface RunDescription {
  /** Version of Paritas. */
  readonly paritas: string
  /** Name of a program that ships, or the path of a module. */
  readonly program: string
  readonly codeHash: string
  readonly processes: number
  readonly spares: number
  readonly scheme: SchemeName
  readonly coordination: Coordination
  readonly code: CodeName | null
  readonly tolerate: number
  readonly tracker: WantedTracker
  readonly timeoutMs: number | null
  readonly bufferBytes: number
  readonly every: number
  readonly isIncremental: boolean
  readonly sizes: AnySizes
  readonly input: StoredInput | null
  readonly output: string | null
}

export function describeRun(
  args: RunArguments,
  { codeHash }: LoadedProgram,
  rest: Pick<RunDescription, 'paritas' | 'sizes' | 'input'>,
): RunDescription {
  const { program, processes, spares, scheme, coordination, protection, tracker, timeoutMs } = args
  const { bufferBytes, every, isIncremental, outputPath } = args
  return {
    ...rest,
    program: /^[\w-]+$/.test(program) ? program : resolve(program),
    codeHash,
    ...{ processes, spares, scheme, coordination, tracker, timeoutMs, bufferBytes, every, isIncremental },
    code: protection?.code ?? null,
    tolerate: protection?.tolerate ?? 0,
    output: outputPath === null ? null : resolve(outputPath),
  }
}

/** Throws a `UsageError` unless everything is there and could have been chosen. */
export function readDescription(
  folder: string,
  value: Readonly<Record<string, unknown>>,
  version: string,
): RunDescription {
  if (typeof value.paritas === 'string' && value.paritas !== version) {
    throw new UsageError(`${folder}: written by Paritas ${value.paritas}, and this is ${version}; go on with that one`)
  }
  const wrong = Object.keys(checks).find((key) => !checks[key as keyof RunDescription](value[key]))
  if (wrong === undefined) return value as unknown as RunDescription
  throw new UsageError(`${folder}: its checkpoint cannot be gone on with: what it says of ${wrong} is unknown`)
}

/** Throws a `UsageError` if the program is not the one that the checkpoint was taken of. */
export function requireSameProgram(folder: string, { program, codeHash }: RunDescription, loaded: LoadedProgram): void {
  if (loaded.codeHash === codeHash) return
  throw new UsageError(`${folder}: ${program} has changed since the checkpoint; go on with the version that wrote it`)
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isPositive: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0
const isOrNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const isOneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.some((name) => name === value)
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSize: Check = (value) => typeof value === 'number' || typeof value === 'string'

const checks: { readonly [Key in keyof RunDescription]: Check } = {
  paritas: isText,
  program: isText,
  codeHash: isText,
  processes: isPositive,
  spares: isCount,
  scheme: isOneOf(Object.keys(schemes)),
  coordination: isOneOf(coordinations),
  code: isOrNull(isOneOf(['reed-solomon', 'groups', 'mirror'] satisfies CodeName[])),
  tolerate: isCount,
  tracker: isOneOf(trackers),
  timeoutMs: isOrNull(isPositive),
  bufferBytes: isPositive,
  every: isPositive,
  isIncremental: (value) => typeof value === 'boolean',
  sizes: (value) => isRecord(value) && Object.values(value).every(isSize),
  input: isOrNull(
    (value) => isRecord(value) && isOneOf(inputKinds)(value.kind) && isCount(value.bytes) && isCount(value.checksum),
  ),
  output: isOrNull(isText),
}
