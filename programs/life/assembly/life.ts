// Conway's Game of Life, a strip of rows in each process. All that a checkpoint has to hold is in the memory and the
// globals of this module, and Paritas keeps both: there is nothing else to do for it.
import { done, emit, processes, progress, rank, read, receive, send } from './paritas'

/** The neighbour's row that lies above one's own rows, and the one that lies below them. */
const above = 0
const below = 1

let columns = 0
let rows = 0
let generation = 0
let generations = 0

/** A byte for each cell. Rows 0 and rows + 1 are the neighbours'. */
let cells = new StaticArray<u8>(0)
let cellsAfter = new StaticArray<u8>(0)

/** Is given the sizes of the program, in their order. */
export function start(allColumns: i32, allRows: i32, allGenerations: i32): void {
  const first = (rank() * allRows) / processes()
  columns = allColumns
  rows = ((rank() + 1) * allRows) / processes() - first
  generations = allGenerations
  cells = new StaticArray<u8>((rows + 2) * columns)
  cellsAfter = new StaticArray<u8>((rows + 2) * columns)
  for (let row = 1; row <= rows; row++) {
    for (let column = 0; column < columns; column++) {
      cells[row * columns + column] = firstCell(first + row - 1, column)
    }
  }
  exchange()
}

/** The rows of the neighbours have come. */
export function step(): void {
  read(0, addressOf(0))
  read(1, addressOf(rows + 1))
  for (let row = 1; row <= rows; row++) advance(row)
  const before = cells
  cells = cellsAfter
  cellsAfter = before
  generation++
  progress(generation, generations)
  if (generation < generations) exchange()
  else finish()
}

function exchange(): void {
  const up = (rank() + processes() - 1) % processes()
  const down = (rank() + 1) % processes()
  send(up, below, addressOf(1), columns)
  send(down, above, addressOf(rows), columns)
  receive(up, above)
  receive(down, below)
}

function finish(): void {
  let living = 0
  for (let cell = columns; cell < (rows + 1) * columns; cell++) living += cells[cell]
  for (let row = 1; row <= rows; row++) emit(addressOf(row), columns)
  done(living)
}

function addressOf(row: i32): usize {
  return changetype<usize>(cells) + row * columns
}

function advance(row: i32): void {
  for (let column = 0; column < columns; column++) {
    const left = column > 0 ? column - 1 : columns - 1
    const right = column + 1 < columns ? column + 1 : 0
    let neighbours = cells[row * columns + left] + cells[row * columns + right]
    for (let other = row - 1; other <= row + 1; other += 2) {
      const from = other * columns
      neighbours += cells[from + left] + cells[from + column] + cells[from + right]
    }
    const isLiving = neighbours == 3 || (neighbours == 2 && cells[row * columns + column] == 1)
    cellsAfter[row * columns + column] = u8(isLiving)
  }
}

/** About every third cell lives at first: a hash of where it is decides. */
function firstCell(row: i32, column: i32): u8 {
  let hash = (row * 0x9e3779b1) ^ (column * 0x85ebca6b)
  hash = (hash ^ (hash >>> 15)) * 0xc2b2ae35
  return u8((hash >>> 16) % 3 == 0)
}
