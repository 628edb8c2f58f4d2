import type { ErasureCode } from '../parity/index.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place } from '../protocol/index.ts'

/** What of a code stands together: processes, and the check rows that hold them. Losses in one change nothing in another. */
export interface CodeGroup {
  readonly ranks: readonly number[]
  readonly rows: readonly number[]
}

/** The groups of a code, each process and each row in one of them. */
export function codeGroups({ groups, processes, checks }: ErasureCode): CodeGroup[] {
  const ofGroup = (group: number, end: number): number[] =>
    Array.from({ length: Math.ceil((end - group) / groups) }, (_, at) => group + at * groups)
  return Array.from({ length: groups }, (_, group) => ({
    ranks: ofGroup(group, processes),
    rows: ofGroup(group, checks),
  }))
}

/** Who holds a row: its checkpoint processor and, unless it is a mere copy, its backup processor. */
export function holdersOf(code: ErasureCode, row: number): Place[] {
  return code.copies === 1 ? [checkpointPlace(row)] : [checkpointPlace(row), backupPlace(row)]
}

/** All places of a group: first its application processors. */
export function placesOfGroup(code: ErasureCode, { ranks, rows }: CodeGroup): Place[] {
  return [...ranks.map(applicationPlace), ...rows.flatMap((row) => holdersOf(code, row))]
}

/** All places of a machine with this code. */
export function placesOf(code: ErasureCode): Place[] {
  return codeGroups(code).flatMap((group) => placesOfGroup(code, group))
}
