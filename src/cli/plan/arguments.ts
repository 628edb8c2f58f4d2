import { UsageError } from '../../base/index.ts'
import { type Protection, parityCodeNames, tolerateMax } from '../../machine/index.ts'
import { type DomainKind, domainKinds } from '../../placement/index.ts'
import { parseName, parsePath } from '../choices.ts'
import { processesMax, readGroupSize } from '../group-size.ts'
import { parseWhole } from '../quantities.ts'

/** The options of `paritas plan` as they were typed. */
export interface TypedPlanOptions {
  readonly hosts: string
  readonly domain: string
  readonly size: readonly string[]
  readonly processes: string
  readonly tolerate: string
  readonly code: string
  readonly groupSize?: string
  readonly json?: true
}

/** What `paritas plan` is to plan. */
export interface PlanArguments {
  /** Null: no memory is said. */
  readonly program: string | null
  readonly hostsPath: string
  readonly domain: DomainKind
  /** Each `name=value`. */
  readonly sizeSettings: readonly string[]
  readonly processes: number
  readonly protection: Protection
  /** So many domains together should be survived. */
  readonly losses: number
  readonly isJson: boolean
}

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readPlanArguments(program: string | undefined, typed: TypedPlanOptions): PlanArguments {
  const processes = parseWhole('--processes', typed.processes, { min: 1, max: processesMax })
  const tolerate = parseWhole('--tolerate', typed.tolerate, { min: 1, max: tolerateMax })
  const code = parseName('--code', typed.code, [...parityCodeNames, 'mirror'])
  if (code === 'groups' && tolerate > processes) {
    throw new UsageError(
      `--code groups --tolerate ${tolerate}: there are only ${processes} processes to make groups of`,
    )
  }
  if (code === 'mirror' && tolerate > 1) {
    throw new UsageError(`--code mirror --tolerate ${tolerate}: a mirror holds one copy; leave out --tolerate`)
  }
  if (program === undefined && typed.size.length > 0) {
    throw new UsageError('--size is for a program: name it, too')
  }
  const groupSize = readGroupSize(typed.groupSize, { code, processes })
  return {
    program: program ?? null,
    hostsPath: parsePath('--hosts', typed.hosts)!,
    domain: parseName('--domain', typed.domain, domainKinds),
    sizeSettings: typed.size,
    processes,
    protection: { code, tolerate, ...(groupSize === undefined ? {} : { groupSize }) },
    losses: code === 'reed-solomon' ? tolerate : 1,
    isJson: typed.json ?? false,
  }
}
