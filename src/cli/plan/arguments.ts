import { UsageError } from '../../base/index.ts'
import { type Protection, schemeNames } from '../../machine/index.ts'
import { type DomainKind, domainKinds } from '../../placement/index.ts'
import { parseName, parsePath } from '../choices.ts'
import { processesMax, readProtection, type TypedProtection } from '../protection.ts'
import { parseWhole } from '../quantities.ts'

/** The options of `paritas plan` as they were typed. */
export interface TypedPlanOptions extends TypedProtection {
  readonly hosts: string
  readonly domain: string
  readonly size: readonly string[]
  readonly processes: string
  readonly scheme: string
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
  const scheme = parseName('--scheme', typed.scheme, schemeNames)
  const processes = parseWhole('--processes', typed.processes, { min: 1, max: processesMax })
  const protection = readProtection(typed, scheme, processes)
  if (protection === null) {
    throw new UsageError(`--scheme ${scheme} keeps nothing on other hosts: choose enhanced, n+1-parity or mirror`)
  }
  if (program === undefined && typed.size.length > 0) {
    throw new UsageError('--size is for a program: name it, too')
  }
  return {
    program: program ?? null,
    hostsPath: parsePath('--hosts', typed.hosts)!,
    domain: parseName('--domain', typed.domain, domainKinds),
    sizeSettings: typed.size,
    ...{ processes, protection },
    // Groups of plain parity, and mirrors, cover more than one loss, but not any.
    losses: protection.code === 'reed-solomon' ? protection.tolerate : 1,
    isJson: typed.json ?? false,
  }
}
