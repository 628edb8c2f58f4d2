/** How many processes there may be, and how they are put into groups with check rows of their own. */
import { UsageError } from '../base/index.ts'
import { type CodeName, groupSizeMax } from '../machine/index.ts'
import { parseWhole } from './quantities.ts'

/** With so many the protocol has been run, in the simulator. */
export const processesMax = 10_000

/**
 * What `--group-size` says, of processes that are protected by the code; undefined: they are one group. `chosenBy` is the
 * option that has chosen the code. Throws a `UsageError`.
 */
export function readGroupSize(
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
