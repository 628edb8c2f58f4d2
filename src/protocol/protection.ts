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
export function rowsOf(code: ErasureCode, rank: Rank): number[] {
  return upTo(code.checks).filter((row) => code.coefficient(row, rank) !== 0)
}

/** The processes whose deltas a row gathers, ascending. */
export function ranksOf(code: ErasureCode, row: number): Rank[] {
  return upTo(code.processes).filter((rank) => code.coefficient(row, rank) !== 0)
}

/** The processes that a checkpoint processor authorizes. */
export function wardsOf(code: ErasureCode, row: number): Rank[] {
  return ranksOf(code, row).filter((rank) => rowsOf(code, rank)[0] === row)
}

/** The row above in the tree; null for the root. */
export function parentOf(row: number): number | null {
  return row === 0 ? null : Math.floor((row - 1) / fanOut)
}

/** The rows below in the tree. */
export function childrenOf(code: ErasureCode, row: number): number[] {
  return upTo(code.checks).filter((child) => parentOf(child) === row)
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
