/**
 * Which losses the codes have to bear, as they are defined (`src/parity/code.ts`). The protocol has its own answer, by
 * solving equations; this one knows nothing of it, so that a protocol that gives up too early, or too late, is found.
 */
import type { ErasureCode } from '../../parity/index.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place } from '../../protocol/index.ts'

/** Each group rebuilds as many of its processes as it has rows left; the group of a mirror is a process and its copy. */
export function isRecoverable(code: ErasureCode, lost: ReadonlySet<Place>): boolean {
  const rowsLeft = new Array<number>(code.groups).fill(0)
  for (let row = 0; row < code.checks; row += 1) if (!isRowLost(code, row, lost)) rowsLeft[row % code.groups]! += 1
  for (let rank = 0; rank < code.processes; rank += 1) {
    if (lost.has(applicationPlace(rank))) rowsLeft[rank % code.groups]! -= 1
  }
  return rowsLeft.every((left) => left >= 0)
}

function isRowLost({ copies }: ErasureCode, row: number, lost: ReadonlySet<Place>): boolean {
  return lost.has(checkpointPlace(row)) && (copies === 1 || lost.has(backupPlace(row)))
}
