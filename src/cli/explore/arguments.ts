import { UsageError } from '../../base/index.ts'
import {
  canaries,
  type FaultKind,
  faultKinds,
  hostsMost,
  type MixOptions,
  type ProgramName,
  processesLeast,
  processesMost,
  simulatedPrograms,
} from '../../simulator/index.ts'
import { parseWhole } from '../quantities.ts'

/** The options of `paritas explore` as they were typed. */
export interface TypedExploreOptions {
  readonly seeds: string
  readonly from: string
  readonly processes?: string
  readonly tolerate?: string
  readonly groupSize?: string
  readonly scheme?: string
  readonly program?: string
  readonly faults?: string
  readonly conductors?: string
  readonly hosts?: string
  readonly canary?: string
  readonly json?: true
}

export interface ExploreArguments {
  readonly seeds: number
  readonly from: number
  readonly mix: MixOptions
  readonly isJson: boolean
}

export const exploreDefaults = { seeds: '10000', from: '1' } as const

const tolerateMost = 8
const conductorsMost = 5

const seedMax = 2 ** 31 - 1

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readExploreArguments(typed: TypedExploreOptions): ExploreArguments {
  const from = parseWhole('--from', typed.from, { min: 0, max: seedMax })
  const seeds = parseWhole('--seeds', typed.seeds, { min: 1, max: seedMax - from + 1 })
  const mix = {
    ...(typed.processes === undefined ? {} : readProcesses(typed.processes)),
    ...(typed.tolerate === undefined ? {} : readTolerate(typed.tolerate)),
    ...(typed.groupSize === undefined ? {} : readGroupSize(typed.groupSize)),
    ...(typed.scheme === undefined ? {} : readScheme(typed)),
    ...(typed.program === undefined ? {} : { program: oneOf('--program', typed.program, programNames) }),
    ...(typed.faults === undefined ? {} : { faults: readFaults(typed.faults) }),
    ...(typed.conductors === undefined ? {} : readConductors(typed)),
    ...(typed.hosts === undefined ? {} : readHosts(typed)),
    ...(typed.canary === undefined ? {} : { canary: oneOf('--canary', typed.canary, Object.keys(canaries)) }),
  }
  return { seeds, from, mix, isJson: typed.json ?? false }
}

export const programNames = Object.keys(simulatedPrograms) as ProgramName[]

/** `4`, or `2..8`: each run draws one of them. */
function readRange(option: string, text: string, range: { readonly min: number; readonly max: number }) {
  const [first, last = first] = text.split('..')
  const least = parseWhole(option, first!, range)
  const most = parseWhole(option, last!, range)
  if (least <= most) return { least, most }
  throw new UsageError(`${option} ${text}: the first number is greater than the second`)
}

function readProcesses(text: string): Pick<MixOptions, 'processesMin' | 'processesMax'> {
  const { least, most } = readRange('--processes', text, { min: processesLeast, max: processesMost })
  return { processesMin: least, processesMax: most }
}

function readTolerate(text: string): Pick<MixOptions, 'tolerateMin' | 'tolerateMax'> {
  const { least, most } = readRange('--tolerate', text, { min: 1, max: tolerateMost })
  return { tolerateMin: least, tolerateMax: most }
}

function readGroupSize(text: string): Pick<MixOptions, 'groupSizeMin' | 'groupSizeMax'> {
  const { least, most } = readRange('--group-size', text, { min: 1, max: processesMost })
  return { groupSizeMin: least, groupSizeMax: most }
}

/** Both variants of the synchronous scheme; on disk beside the parity, or there alone. */
const schemesKnown: Readonly<Record<string, Pick<MixOptions, 'coordinations' | 'storages'>>> = {
  enhanced: { coordinations: ['independent'], storages: ['none', 'beside'] },
  'n+1-parity': { coordinations: ['resume-after-commit', 'resume-after-capture'], storages: ['none', 'beside'] },
  disk: { storages: ['alone'] },
}

function readScheme({ scheme, canary }: TypedExploreOptions): Pick<MixOptions, 'coordinations' | 'storages'> {
  if (canary !== undefined) throw new UsageError('--scheme: a canary has a scheme of its own; leave out one of the two')
  return schemesKnown[oneOf('--scheme', scheme!, Object.keys(schemesKnown))]!
}

/** A canary says itself how many it needs. */
function readConductors({ conductors, canary }: TypedExploreOptions): Pick<MixOptions, 'conductors'> {
  const count = parseWhole('--conductors', conductors!, { min: 1, max: conductorsMost })
  if (canary !== undefined)
    throw new UsageError('--conductors: a canary has as many conductors as it needs; leave out one of the two')
  return { conductors: count }
}

/** A canary says itself how many it needs. */
function readHosts({ hosts, canary }: TypedExploreOptions): Pick<MixOptions, 'hosts'> {
  const count = parseWhole('--hosts', hosts!, { min: 0, max: hostsMost })
  if (canary !== undefined)
    throw new UsageError('--hosts: a canary has as many hosts as it needs; leave out one of the two')
  return { hosts: count }
}

/** `none`, or kinds with commas between them. */
function readFaults(text: string): FaultKind[] {
  return text === 'none' ? [] : text.split(',').map((kind) => oneOf('--faults', kind, faultKinds))
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text)
  if (found !== undefined) return found
  throw new UsageError(`${option}: there is no '${text}': there are ${names.join(', ')}`)
}
