import { UsageError } from '../../base/index.ts'
import {
  codeFor,
  coordinationFor,
  type Fault,
  type FileSettings,
  type MachineSettings,
  type ResumeTime,
  resumeTimes,
  type SchemeName,
  schemeNames,
  schemes,
  wantedTrackers,
} from '../../machine/index.ts'
import type { Place } from '../../protocol/index.ts'
import { parseName, parsePath, parseSeed } from '../choices.ts'
import { processesMax, readProtection, type TypedProtection } from '../protection.ts'
import { parseBytes, parseDuration, parseWhole } from '../quantities.ts'
import { defaults } from './defaults.ts'
import { type FaultContext, parseFreeze, parseKill, parsePlace } from './faults.ts'

/** The options of `paritas run` as they were typed. */
export interface TypedOptions extends TypedProtection {
  readonly on?: string
  readonly processes: string
  readonly spares: string
  readonly conductors: string
  readonly scheme: string
  readonly memory: string
  readonly resume?: string
  readonly timeout?: string
  readonly buffer: string
  readonly checkpointDir?: string
  readonly every?: string
  readonly disk?: string
  readonly size: readonly string[]
  readonly input?: readonly string[]
  readonly output?: string
  readonly kill: readonly string[]
  readonly freeze: readonly string[]
  readonly seed?: string
  readonly inspectRank?: string
  readonly trace?: string
  readonly json?: true
  readonly quiet?: true
}

/** What `paritas run` is to do. What depends on the program, its sizes and input, is not read yet. */
export interface RunArguments {
  readonly program: string
  readonly scheme: SchemeName
  readonly machine: MachineSettings
  /** A file of hosts; null: on this computer. */
  readonly hostsPath: string | null
  /** That may conduct; 1: the command itself does. */
  readonly conductors: number
  /** Null: no checkpoints on disk. */
  readonly checkpointDir: string | null
  readonly files: FileSettings
  /** Each `name=value`. */
  readonly sizeSettings: readonly string[]
  /** In the order of the program's files; empty without --input. */
  readonly inputPaths: readonly string[]
  readonly outputPath: string | null
  readonly faults: readonly Fault[]
  /** Whoever holds this place listens for a debugger. */
  readonly inspected: Place | null
  /** Null when none was given. */
  readonly seed: number | null
  readonly tracePath: string | null
  readonly isJson: boolean
  /** Nothing is told but results, warnings and errors. */
  readonly isQuiet: boolean
}

const sparesMax = 64
const conductorsMax = 9
const pageBytes = 4096
const everyMax = 1_000_000
const diskKinds = ['incremental', 'full'] as const

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readRunArguments(program: string, typed: TypedOptions): RunArguments {
  const scheme = parseName('--scheme', typed.scheme, schemeNames)
  const processes = parseWhole('--processes', typed.processes, { min: 1, max: processesMax })
  const protection = readProtection(typed, scheme, processes)
  const context: FaultContext = {
    processes,
    spares: parseWhole('--spares', typed.spares, { min: 0, max: sparesMax }),
    conductors: parseWhole('--conductors', typed.conductors, { min: 1, max: conductorsMax }),
    scheme,
    code: codeFor(processes, protection),
  }
  const kills = typed.kill.map((text) => parseKill(text, context))
  const freezes = typed.freeze.map((text) => parseFreeze(text, context))
  return {
    program,
    scheme,
    machine: {
      processes,
      spares: context.spares,
      protection,
      coordination: coordinationFor(scheme, readResume(typed.resume, scheme)),
      tracker: parseName('--memory', typed.memory, wantedTrackers),
      timeoutMs: readTimeout(typed.timeout, scheme),
      bufferBytes: readBuffer(typed.buffer),
    },
    conductors: context.conductors,
    hostsPath: readHostsPath(typed),
    ...readStore(typed, scheme),
    sizeSettings: typed.size,
    inputPaths: (typed.input ?? []).map((path) => parsePath('--input', path)!),
    outputPath: parsePath('--output', typed.output),
    faults: [...kills, ...freezes],
    inspected: typed.inspectRank === undefined ? null : parsePlace('--inspect-rank', typed.inspectRank, context),
    seed: parseSeed(typed.seed),
    tracePath: parsePath('--trace', typed.trace),
    isJson: typed.json ?? false,
    isQuiet: typed.quiet ?? false,
  }
}

/** Throws a `UsageError` where something else was asked for that is for one computer only. */
function readHostsPath({ on, checkpointDir, conductors, inspectRank }: TypedOptions): string | null {
  if (on === undefined) return null
  if (checkpointDir !== undefined)
    throw new UsageError('--on: checkpoints on disk are for one computer; leave out --checkpoint-dir')
  if (conductors !== defaults.conductors)
    throw new UsageError('--on: several conductors are for one computer; leave out --conductors')
  if (inspectRank !== undefined)
    throw new UsageError('--on: a debugger comes to processors of this computer only; leave out --inspect-rank')
  return parsePath('--on', on)
}

function readStore(
  { checkpointDir, every, disk = 'incremental' }: TypedOptions,
  scheme: SchemeName,
): Pick<RunArguments, 'checkpointDir' | 'files'> {
  if (scheme === 'disk') requireFolder(checkpointDir, every)
  parseName('--disk', disk, diskKinds)
  if (checkpointDir === undefined && disk !== 'incremental') {
    throw new UsageError(`--disk ${disk}: there is no --checkpoint-dir to write checkpoints to`)
  }
  if (checkpointDir === undefined && every !== undefined) {
    throw new UsageError(`--every ${every}: there is no --checkpoint-dir to write checkpoints to`)
  }
  if (checkpointDir !== undefined && scheme === 'none') {
    throw new UsageError('--checkpoint-dir: the scheme none takes no checkpoints; choose another --scheme')
  }
  return {
    checkpointDir: parsePath('--checkpoint-dir', checkpointDir),
    files: {
      every: scheme === 'disk' ? 1 : parseWhole('--every', every ?? defaults.every, { min: 1, max: everyMax }),
      isIncremental: disk === 'incremental',
    },
  }
}

function requireFolder(checkpointDir: string | undefined, every: string | undefined): void {
  if (checkpointDir === undefined) {
    throw new UsageError('--scheme disk: say by --checkpoint-dir DIR where checkpoints are to be written')
  }
  if (every !== undefined) {
    throw new UsageError(`--scheme disk --every ${every}: each checkpoint is written; leave out --every`)
  }
}

function readResume(text: string | undefined, scheme: SchemeName): ResumeTime {
  if (text === undefined) return 'after-commit'
  const found = parseName('--resume', text, resumeTimes)
  if (schemes[scheme].coordination === 'synchronous') return found
  throw new UsageError(`--resume ${text}: nobody is frozen with --scheme ${scheme}; leave out --resume`)
}

function readTimeout(text: string | undefined, scheme: SchemeName): number | null {
  if (text === undefined) return schemes[scheme].timeoutMs
  if (text === 'never') return null
  const ms = parseDuration('--timeout', text)
  if (ms >= 1) return ms
  throw new UsageError(`--timeout must be at least 1ms, but is '${text}'`)
}

function readBuffer(text: string): number {
  const bytes = parseBytes('--buffer', text)
  if (bytes >= pageBytes) return bytes
  throw new UsageError(`--buffer must hold at least one page of 4KiB, but is '${text}'`)
}
