/** What a manifest says of the run: all that `paritas resume` needs to go on with it as it was started. */
import { resolve } from 'node:path'
import {
  count,
  flag,
  mapOf,
  objectOf,
  oneOf,
  orMissing,
  orNull,
  positive,
  problemWith,
  text,
  UsageError,
  when,
} from '../../base/index.ts'
import {
  type FileSettings,
  type InputKind,
  inputKinds,
  type LoadedProgram,
  type MachineSettings,
  machineSettings,
  type SchemeName,
  schemeNames,
} from '../../machine/index.ts'
import type { AnySizes } from '../../program/index.ts'
import type { RunArguments } from './arguments.ts'

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
  readonly scheme: SchemeName
  readonly machine: MachineSettings
  /** That may conduct; 1 if not given. */
  readonly conductors?: number
  readonly files: FileSettings
  readonly sizes: AnySizes
  readonly input: StoredInput | null
  readonly output: string | null
}

export function describeRun(
  args: RunArguments,
  { codeHash }: LoadedProgram,
  rest: Pick<RunDescription, 'paritas' | 'sizes' | 'input'>,
): RunDescription {
  const { program, scheme, machine, conductors, files, outputPath } = args
  return {
    ...rest,
    program: /^[\w-]+$/.test(program) ? program : resolve(program),
    codeHash,
    ...{ scheme, machine, conductors, files },
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
  const problem = problemWith('what it says of the run', value, description)
  if (problem === null) return value as unknown as RunDescription
  throw new UsageError(`${folder}: its checkpoint cannot be gone on with: ${problem}`)
}

/** Throws a `UsageError` if the program is not the one that the checkpoint was taken of. */
export function requireSameProgram(folder: string, { program, codeHash }: RunDescription, loaded: LoadedProgram): void {
  if (loaded.codeHash === codeHash) return
  throw new UsageError(`${folder}: ${program} has changed since the checkpoint; go on with the version that wrote it`)
}

const description = objectOf<RunDescription>({
  paritas: text,
  program: text,
  codeHash: text,
  scheme: oneOf(schemeNames),
  machine: machineSettings,
  conductors: orMissing(positive),
  files: objectOf<FileSettings>({ every: positive, isIncremental: flag }),
  sizes: mapOf(when('a size', (value) => typeof value === 'number' || typeof value === 'string')),
  input: orNull(objectOf<StoredInput>({ kind: oneOf(inputKinds), bytes: count, checksum: count })),
  output: orNull(text),
})
