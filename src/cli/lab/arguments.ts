import { UsageError } from '../../base/index.ts'
import { type LabSettings, labNamePattern, labRanges } from '../../lab/index.ts'
import { parseBytes, parseDuration, parseWhole } from '../quantities.ts'

/** The options of `paritas lab` as they were typed. */
export interface TypedLabOptions {
  readonly hosts: string
  readonly cores?: string
  readonly memory?: string
  readonly bandwidth?: string
  readonly delay?: string
  readonly outside?: true
  readonly name?: string
}

export interface LabArguments {
  readonly settings: LabSettings
  readonly command: readonly string[]
  /** The command runs on this computer, and not on the first host. */
  readonly isOutside: boolean
}

/** Reads all options; `command` stood behind `--`. Throws a `UsageError` that names the first one that is wrong. */
export function readLabArguments(
  words: readonly string[],
  typed: TypedLabOptions,
  command: readonly string[],
): LabArguments {
  const [unknown] = words
  if (unknown !== undefined) {
    throw new UsageError(
      `paritas lab has no command '${unknown}' (see paritas lab --help); what is to run stands behind --`,
    )
  }
  const [min, max] = labRanges.hosts
  const hosts = parseWhole('--hosts', typed.hosts, { min, max })
  if (command.length === 0) {
    throw new UsageError('say what is to run on the first host: paritas lab --hosts 3 -- COMMAND (bash gives a shell)')
  }
  return {
    settings: { hosts, ...readLimits(typed), ...readName(typed.name) },
    command,
    isOutside: typed.outside ?? false,
  }
}

function readLimits({ cores, memory, bandwidth, delay }: TypedLabOptions): Partial<LabSettings> {
  return {
    ...(cores === undefined ? {} : { cores: parseCores(cores) }),
    ...(memory === undefined ? {} : { memoryBytes: parseMemory(memory) }),
    ...(bandwidth === undefined ? {} : { bandwidthBits: parseRate('--bandwidth', bandwidth) }),
    ...(delay === undefined ? {} : { delayMs: parseDuration('--delay', delay, labRanges.delayMs[1]) }),
  }
}

function readName(name: string | undefined): { readonly name?: string } {
  if (name === undefined) return {}
  if (labNamePattern.test(name)) return { name }
  throw new UsageError(`--name must be letters, digits, - and _, and begin with a letter, but is '${name}'`)
}

function parseCores(text: string): number {
  const [min, max] = labRanges.cores
  const cores = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (cores >= min && cores <= max) return cores
  throw new UsageError(`--cores must be from ${min} to ${max} of a core, such as 0.25, but is '${text}'`)
}

function parseMemory(text: string): number {
  const bytes = parseBytes('--memory', text)
  if (bytes >= labRanges.memoryBytes[0]) return bytes
  throw new UsageError(`--memory must be at least 16MiB, but is '${text}'`)
}

const bitsPerUnit = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 } as const

/** Bits per second in `10Mbit`. `what` names where the text stands. */
export function parseRate(what: string, text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([kmg]?bit)$/i.exec(text) ?? []
  const rate = Number(digits) * (bitsPerUnit[unit?.toLowerCase() as keyof typeof bitsPerUnit] ?? Number.NaN)
  const [min, max] = labRanges.bandwidthBits
  if (rate >= min && rate <= max) return rate
  throw new UsageError(`${what} must be a rate from 8kbit to 400Gbit, such as 10Mbit, but is '${text}'`)
}

/** `5%` or `5`. */
export function parsePercent(text: string): number {
  const percent = /^\d+(\.\d+)?%?$/.test(text) ? Number(text.replace('%', '')) : Number.NaN
  if (percent <= 100) return percent
  throw new UsageError(`what is lost must be a percentage from 0% to 100%, but is '${text}'`)
}
