// The square grid that the processes stand in, and the blocks that matrices are cut into.
import { UsageError } from 'paritas'
import { tile } from './block-product.ts'

export interface Context {
  readonly processes: number
  readonly size: { readonly n: number }
}

/** Side of the grid. Throws a `UsageError` if the processes make no square. */
export function gridSide(processes: number): number {
  const side = Math.round(Math.sqrt(processes))
  if (side * side === processes) return side
  throw new UsageError(`${processes} processes make no square grid: use --processes 1, 4, 9, 16 or another square`)
}

/** Side of a block: whole tiles of the kernel, so the last blocks are padded with zeros. */
export function blockSide({ processes, size }: Context): number {
  return Math.ceil(size.n / gridSide(processes) / tile) * tile
}

/** Row and column of a process in the grid, and the place along the other side that its blocks come from at first. */
export function placeOf(rank: number, processes: number): Readonly<Record<'row' | 'column' | 'shifted', number>> {
  const side = gridSide(processes)
  const row = Math.floor(rank / side)
  const column = rank % side
  return { row, column, shifted: (row + column) % side }
}
