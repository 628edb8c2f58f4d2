// Conway's Game of Life on a torus, a strip of rows in each process. The processes are instances of a WebAssembly module,
// which assembly/life.ts is the source of; what stands here is how it is told of, and how its result is checked.
import { integer, UsageError, wasmProgram } from 'paritas'
import wasm from './life/life.wasm'

const size = {
  columns: integer({ default: 256, min: 1, max: 65_536, help: 'cells from left to right' }),
  rows: integer({ default: 256, min: 1, max: 65_536, help: 'cells from top to bottom' }),
  generations: integer({ default: 300, min: 1, max: 1_000_000_000, help: 'how often all cells go on' }),
}

export default wasmProgram({
  name: 'life',
  description: "Conway's Game of Life, in WebAssembly",
  size,
  wasm,
  // Two copies of the strip, each with the rows of both neighbours, beside what the module has anyway.
  memoryBytesMax({ processes, size: { columns, rows } }) {
    if (rows < processes) throw new UsageError(`${processes} processes need at least ${processes} rows`)
    return 2 * (Math.ceil(rows / processes) + 2) * columns + 131_072
  },
  output: {
    description: 'the cells at the end, a row a line',
    format: (row) => `${Array.from(row as Uint8Array, (cell) => (cell === 1 ? '#' : '.')).join('')}\n`,
  },

  verifiedAgainst: 'the whole board in plain TypeScript',
  verify({ size, results, emitted }) {
    const board = lastBoard(size)
    const wrong = board.findIndex((row, index) => String(row) !== String(emitted[index]))
    if (wrong >= 0) return `row ${wrong} is not what it should be`
    const living = board.reduce((sum, row) => sum + row.reduce((inRow, cell) => inRow + cell, 0), 0)
    const counted = results.reduce((sum: number, count) => sum + (count as number), 0)
    return counted === living ? null : `${counted} cells live, but it should be ${living}`
  },
})

interface Board {
  readonly columns: number
  readonly rows: number
  readonly generations: number
}

/** The rows at the end. Each cell counts the living in the three rows around it, itself among them. */
function lastBoard({ columns, rows, generations }: Board): Uint8Array[] {
  let board = Array.from({ length: rows }, (_, row) =>
    Uint8Array.from({ length: columns }, (_, column) => firstCell(row, column)),
  )
  for (let generation = 0; generation < generations; generation += 1) {
    const sums = board.map((row) =>
      row.map((cell, column) => row.at(column - 1)! + cell + row[(column + 1) % columns]!),
    )
    board = board.map((row, index) => {
      const [above, here, below] = [sums.at(index - 1)!, sums[index]!, sums[(index + 1) % rows]!]
      return row.map((cell, column) => {
        const living = above[column]! + here[column]! + below[column]!
        return living === 3 || (living === 4 && cell === 1) ? 1 : 0
      })
    })
  }
  return board
}

/** As the module has it. */
function firstCell(row: number, column: number): number {
  const hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b)
  return (Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) >>> 16) % 3 === 0 ? 1 : 0
}
