/**
 * Who protects whom, as the code says, and how the checkpoint processors divide the work of a commit. Each process has
 * a home, the first of the rows that protect it: that checkpoint processor authorizes its captures and tells it of
 * commits. The checkpoint processors form a tree with row 0 at its root: what is held is reported upwards, the root
 * decides, and commits are passed downwards. So nobody has more to do in a larger machine whose groups stay the same.
 */
import type { Rank } from '../base/index.ts'
import type { ErasureCode } from '../parity/index.ts'

/** Children of a checkpoint processor in the tree. */
const fanOut = 8

/** The rows whose checkpoint processors get the deltas of a process, ascending. */
export function rowsOf(code: ErasureCode, rank: Rank): readonly number[] {
  return tablesOf(code).rows[rank]!
}

/** The processes whose deltas a row gathers, ascending. */
export function ranksOf(code: ErasureCode, row: number): readonly Rank[] {
  return tablesOf(code).ranks[row]!
}

/** The processes that a checkpoint processor authorizes. */
export function wardsOf(code: ErasureCode, row: number): readonly Rank[] {
  return tablesOf(code).wards[row]!
}

/** The row above in the tree; null for the root. */
export function parentOf(row: number): number | null {
  return row === 0 ? null : Math.floor((row - 1) / fanOut)
}

/** The rows below in the tree. */
export function childrenOf(code: ErasureCode, row: number): number[] {
  const first = fanOut * row + 1
  return Array.from({ length: Math.max(0, Math.min(fanOut, code.checks - first)) }, (_, child) => first + child)
}

interface Tables {
  /** By rank. */
  readonly rows: readonly (readonly number[])[]
  /** By row. */
  readonly ranks: readonly (readonly Rank[])[]
  readonly wards: readonly (readonly Rank[])[]
}

/** A code never changes, so each is asked once: that takes as long as it has coefficients that are not 0. */
const known = new WeakMap<ErasureCode, Tables>()

function tablesOf(code: ErasureCode): Tables {
  const tables = known.get(code) ?? readTables(code)
  known.set(code, tables)
  return tables
}

function readTables(code: ErasureCode): Tables {
  const listsFor = (count: number): number[][] => Array.from({ length: count }, () => [])
  const [rows, ranks, wards] = [listsFor(code.processes), listsFor(code.checks), listsFor(code.checks)]
  for (let row = 0; row < code.checks; row += 1) {
    for (let rank = row % code.groups; rank < code.processes; rank += code.groups) {
      if (rows[rank]!.length === 0) wards[row]!.push(rank)
      rows[rank]!.push(row)
      ranks[row]!.push(rank)
    }
  }
  return { rows, ranks, wards }
}
