/**
 * Which losses the codes have to bear, as they are defined (`src/parity/code.ts`). The protocol has its own answer, by
 * solving equations; this one knows nothing of it, so that a protocol that gives up too early, or too late, is found.
 */
import { unreachable } from '../../base/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import { applicationPlace, backupPlace, checkpointPlace, type Place } from '../../protocol/index.ts'

export function isRecoverable(code: ErasureCode, lost: ReadonlySet<Place>): boolean {
  const processes: number[] = []
  for (let rank = 0; rank < code.processes; rank += 1) if (lost.has(applicationPlace(rank))) processes.push(rank)
  const rows = new Set<number>()
  for (let row = 0; row < code.checks; row += 1) if (!isRowLost(code, row, lost)) rows.add(row)
  switch (code.name) {
    case 'parity':
    case 'reed-solomon':
      return processes.length <= rows.size
    case 'groups':
    case 'mirror':
      // Each is made of its own row, and no two of one row; under `mirror` row and process have the same number.
      return processes.every((rank) => rows.delete(rank % code.checks))
    default:
      return unreachable(code.name)
  }
}

function isRowLost({ copies }: ErasureCode, row: number, lost: ReadonlySet<Place>): boolean {
  return lost.has(checkpointPlace(row)) && (copies === 1 || lost.has(backupPlace(row)))
}
