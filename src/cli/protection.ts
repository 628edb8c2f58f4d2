/** What keeps the checkpoints of a run in memory, as users choose it: the scheme's code, how many losses, groups. */
import { UsageError } from '../base/index.ts'
import {
  type CodeName,
  groupSizeMax,
  type Protection,
  parityCodeNames,
  protectionFor,
  type SchemeName,
  schemes,
  tolerateMax,
} from '../machine/index.ts'
import { parseName } from './choices.ts'
import { parseWhole } from './quantities.ts'
import { defaults } from './run/defaults.ts'

/** The options of it as they were typed. */
export interface TypedProtection {
  readonly tolerate?: string
  readonly code?: string
  readonly groupSize?: string
}

/** With so many the protocol has been run, in the simulator. */
export const processesMax = 10_000

/** What the scheme keeps in memory, with this code and these groups; null: nothing. Throws a `UsageError`. */
export function readProtection(typed: TypedProtection, scheme: SchemeName, processes: number): Protection | null {
  return protectionFor(scheme, readParity(typed, scheme, processes))
}

function readParity(typed: TypedProtection, scheme: SchemeName, processes: number): Protection {
  const { tolerate = defaults.tolerate, code = defaults.code } = typed
  if (scheme === 'disk') refuseParity(typed)
  const losses = parseWhole('--tolerate', tolerate, { min: 1, max: tolerateMax })
  const name = parseName('--code', code, parityCodeNames)
  if (name === 'groups' && losses > processes) {
    throw new UsageError(`--code groups --tolerate ${losses}: there are only ${processes} processes to make groups of`)
  }
  if (scheme === 'mirror' && losses > 1) {
    throw new UsageError(`--scheme mirror --tolerate ${losses}: a mirror holds one copy; leave out --tolerate`)
  }
  if (scheme === 'mirror' && name !== defaults.code) {
    throw new UsageError(`--scheme mirror --code ${name}: mirrors are copies and need no code; leave out --code`)
  }
  const groupSize = readGroupSize(
    typed.groupSize,
    scheme === 'mirror'
      ? { code: 'mirror', processes, chosenBy: '--scheme mirror' }
      : { code: name, processes: schemes[scheme].keeps === 'parity' ? processes : 1 },
  )
  return { code: name, tolerate: losses, ...(groupSize === undefined ? {} : { groupSize }) }
}

function refuseParity({ tolerate, code, groupSize }: TypedProtection): void {
  if (tolerate !== undefined) {
    throw new UsageError(
      `--scheme disk --tolerate ${tolerate}: files survive any number of losses; leave out --tolerate`,
    )
  }
  if (code !== undefined) {
    throw new UsageError(`--scheme disk --code ${code}: files need no code; leave out --code`)
  }
  if (groupSize !== undefined) {
    throw new UsageError(`--scheme disk --group-size ${groupSize}: files need no groups; leave out --group-size`)
  }
}

/**
 * What `--group-size` says, of processes that are protected by the code; undefined: they are one group. `chosenBy` is the
 * option that has chosen the code. Throws a `UsageError`.
 */
function readGroupSize(
  text: string | undefined,
  { code, processes, chosenBy = `--code ${code}` }: { code: CodeName; processes: number; chosenBy?: string },
): number | undefined {
  if (text !== undefined && code !== 'reed-solomon') {
    const reason = code === 'mirror' ? 'mirrors have no groups' : 'there are as many groups as --tolerate says'
    throw new UsageError(`${chosenBy} --group-size ${text}: ${reason}; leave out --group-size`)
  }
  if (text !== undefined) return parseWhole('--group-size', text, { min: 1, max: groupSizeMax })
  if (code !== 'reed-solomon' || processes <= groupSizeMax) return undefined
  throw new UsageError(
    `--processes ${processes}: one group has at most ${groupSizeMax}; make several, such as by --group-size 16`,
  )
}
