import type { ErasureCode } from '../parity/index.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place, ranksOf } from '../protocol/index.ts'

/** What of a code stands together: processes, and the check rows that hold them. Losses in one change nothing in another. */
export interface CodeGroup {
  readonly ranks: readonly number[]
  readonly rows: readonly number[]
}

/** The groups of a code, each process and each row in one of them. */
export function codeGroups(code: ErasureCode): CodeGroup[] {
  /** Of each process, one that stands for its group. */
  const heads = Array.from({ length: code.processes }, (_, rank) => rank)
  const headOf = (rank: number): number => {
    let head = rank
    while (heads[head] !== head) head = heads[head]!
    heads[rank] = head
    return head
  }
  const rows = Array.from({ length: code.checks }, (_, row) => ranksOf(code, row))
  for (const [first, ...others] of rows) for (const rank of others) heads[headOf(rank)] = headOf(first!)
  const groups = new Map<number, { ranks: number[]; rows: number[] }>()
  for (let rank = 0; rank < code.processes; rank += 1) {
    const head = headOf(rank)
    if (!groups.has(head)) groups.set(head, { ranks: [], rows: [] })
    groups.get(head)!.ranks.push(rank)
  }
  for (const [row, [first]] of rows.entries()) groups.get(headOf(first!))!.rows.push(row)
  return [...groups.values()]
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
