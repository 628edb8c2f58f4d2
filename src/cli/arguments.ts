import type { Fault, Scheme } from '../machine/index.ts'
import { UsageError } from '../program/index.ts'
import { type FaultContext, parseFreeze, parseKill } from './faults.ts'
import { parseBytes, parseDuration, parseWhole } from './quantities.ts'

/** The options of `paritas run` as they were typed. */
export interface TypedOptions {
  readonly processes: string
  readonly tolerate: string
  readonly spares: string
  readonly scheme: string
  readonly timeout: string
  readonly buffer: string
  readonly size: readonly string[]
  readonly input?: string
  readonly output?: string
  readonly kill: readonly string[]
  readonly freeze: readonly string[]
  readonly seed?: string
  readonly trace?: string
  readonly json?: true
}

/** What `paritas run` is to do. What depends on the program, its sizes and input, is not read yet. */
export interface RunArguments {
  readonly program: string
  readonly processes: number
  readonly tolerate: number
  readonly spares: number
  readonly scheme: Scheme
  readonly timeoutMs: number
  readonly bufferBytes: number
  /** Each `name=value`. */
  readonly sizeSettings: readonly string[]
  readonly inputPath: string | null
  readonly outputPath: string | null
  readonly faults: readonly Fault[]
  /** Null when none was given. */
  readonly seed: number | null
  readonly tracePath: string | null
  readonly isJson: boolean
}

export const defaults = {
  processes: '4',
  tolerate: '1',
  spares: '1',
  scheme: 'enhanced',
  timeout: '500ms',
  buffer: '64MiB',
} as const

const processesMax = 256
const sparesMax = 64
const pageBytes = 4096

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readRunArguments(program: string, typed: TypedOptions): RunArguments {
  const context: FaultContext = {
    processes: parseWhole('--processes', typed.processes, { min: 1, max: processesMax }),
    spares: parseWhole('--spares', typed.spares, { min: 0, max: sparesMax }),
    scheme: readScheme(typed.scheme),
  }
  const kills = typed.kill.map((text) => parseKill(text, context))
  const freezes = typed.freeze.map((text) => parseFreeze(text, context))
  return {
    program,
    ...context,
    tolerate: readTolerate(typed.tolerate),
    timeoutMs: readTimeout(typed.timeout),
    bufferBytes: readBuffer(typed.buffer),
    sizeSettings: typed.size,
    inputPath: readPath('--input', typed.input),
    outputPath: readPath('--output', typed.output),
    faults: [...kills, ...freezes],
    seed: typed.seed === undefined ? null : parseWhole('--seed', typed.seed, { min: 0, max: 2 ** 31 - 1 }),
    tracePath: readPath('--trace', typed.trace),
    isJson: typed.json ?? false,
  }
}

function readScheme(text: string): Scheme {
  if (text === 'enhanced' || text === 'none') return text
  throw new UsageError(`--scheme must be enhanced or none, but is '${text}'`)
}

function readTolerate(text: string): number {
  const losses = parseWhole('--tolerate', text, { min: 1, max: processesMax })
  if (losses === 1) return losses
  throw new UsageError(`--tolerate ${losses}: this version tolerates one loss at a time; leave the option out`)
}

function readTimeout(text: string): number {
  const ms = parseDuration('--timeout', text)
  if (ms >= 1) return ms
  throw new UsageError(`--timeout must be at least 1ms, but is '${text}'`)
}

function readBuffer(text: string): number {
  const bytes = parseBytes('--buffer', text)
  if (bytes >= pageBytes) return bytes
  throw new UsageError(`--buffer must hold at least one page of 4KiB, but is '${text}'`)
}

function readPath(option: string, text: string | undefined): string | null {
  if (text === '') throw new UsageError(`${option}: the name of the file is empty`)
  return text ?? null
}
