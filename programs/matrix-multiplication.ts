// Multiplies two square matrices by Cannon's algorithm. The processes stand in a square grid; each holds one block of A, B and
// C. In every round each multiplies its blocks, then A's blocks go one place to the left and B's one place up, round the
// grid. At the end process 0 collects C and emits it, some columns a step.
import {
  defineProgram,
  f64,
  type InputFile,
  integer,
  type Message,
  type Next,
  type Self,
  UsageError,
  u32,
} from 'paritas'
import { addProduct, depthMax } from './matrix-multiplication/block-product.ts'
import { matrices } from './matrix-multiplication/elements.ts'
import { blockSide, type Context, gridSide, placeOf } from './matrix-multiplication/grid.ts'
import type { Matrix } from './matrix-multiplication/matrix.ts'
import { readMatrixMarket } from './matrix-multiplication/matrix-market.ts'
import { readNpy } from './matrix-multiplication/npy.ts'
import { type Elements, problemWithProduct } from './matrix-multiplication/product-check.ts'
import { checksumOf, printChecksum } from './numbers/checksum.ts'
import { printLines } from './numbers/print-number.ts'

const sideMax = 16_384

const size = {
  n: integer({
    default: 2629,
    min: 1,
    max: sideMax,
    help: 'rows and columns of each matrix; --input decides it if given',
  }),
  seed: integer({ default: 1, min: 0, max: 2 ** 32 - 1, help: 'seed of the elements when there is no --input' }),
}

function memory(context: Context) {
  const block = blockSide(context) ** 2
  return {
    a: f64(block),
    b: f64(block),
    c: f64(block),
    round: u32(),
    /** Columns of a, and rows of b, that are done in this round. */
    depth: u32(),
    /** Columns of C that process 0 has emitted. */
    emitted: u32(),
    checksum: u32(),
  }
}

type Process = Self<typeof size, ReturnType<typeof memory>, Record<string, unknown>, Float64Array>

/** Two blocks to begin with; null stands for: make your own, out of the seed. */
type Blocks = { readonly a: Float64Array; readonly b: Float64Array } | null

export default defineProgram({
  name: 'matrix-multiplication',
  description: "multiplies two matrices by Cannon's algorithm, on a square grid of processes",
  size,
  memory,

  input: {
    description: 'two square matrices of the same size, as Matrix Market files or as .npy files of NumPy',
    files: ['A', 'B'],
    async read(files) {
      const a = await readMatrix(files[0]!)
      const b = await readMatrix(files[1]!)
      if (a.side !== b.side) {
        const [sideA, sideB] = [a, b].map(({ side }) => `${side} x ${side}`)
        throw new UsageError(`${files[0]!.name} is ${sideA}, but ${files[1]!.name} is ${sideB}: they must be the same`)
      }
      const data = new Float64Array(2 * a.values.length)
      data.set(a.values)
      data.set(b.values, a.values.length)
      return { data, size: { n: a.side } }
    },
  },
  output: {
    description: 'the product, as a Matrix Market file',
    format: (value) => (typeof value === 'number' ? headerOf(value) : printLines(value as Float64Array)),
  },

  start(self) {
    if (self.rank > 0) return self.receive({ from: 0, tag: 'begin' })
    for (let rank = 1; rank < self.processes; rank += 1) self.send(rank, 'begin', blocksFor(self, rank))
    return begin(self, blocksFor(self, 0))
  },

  step(self, messages) {
    const [message] = messages
    switch (message?.tag) {
      case 'begin':
        return begin(self, message.value as Blocks)
      case 'a':
        return shiftIn(self, messages)
      case 'give':
        return give(self, message.value as Panel | null)
      case 'columns':
        return emitColumns(self, messages)
      default:
        return self.memory.round < gridSide(self.processes) ? multiply(self) : collect(self)
    }
  },

  verifiedAgainst: "Freivalds' test, and up to 256 rows against the product done element by element",
  verify({ size, input, emitted }) {
    const [n, ...slices] = emitted as readonly [number, ...Float64Array[]]
    const c = new Float64Array(size.n * size.n)
    const length = slices.reduce((sum, slice) => sum + slice.length, 0)
    if (n !== size.n || length !== c.length) return `${length} elements came out, but there are ${c.length}`
    let offset = 0
    for (const slice of slices) {
      c.set(slice, offset)
      offset += slice.length
    }
    const [a, b] = matrices(size, input)
    return problemWithProduct({ side: size.n, a, b, c, isExact: input === null })
  },
})

function readMatrix(file: InputFile): Promise<Matrix> {
  return file.name.toLowerCase().endsWith('.npy') ? readNpy(file, sideMax) : readMatrixMarket(file, sideMax)
}

function headerOf(n: number): string {
  return `%%MatrixMarket matrix array real general\n${n} ${n}\n`
}

/** What Cannon's algorithm begins with at one place of the grid: row i of A is shifted by i, column j of B by j. */
function blocksFor(self: Process, rank: number): Blocks {
  if (self.input === null) return null
  const { n } = self.size
  const side = blockSide(self)
  const { row, column, shifted } = placeOf(rank, self.processes)
  const cut = (matrix: Float64Array, blockRow: number, blockColumn: number): Float64Array => {
    const block = new Float64Array(side * side)
    for (let i = 0; i < side && blockRow * side + i < n; i += 1) {
      const from = (blockRow * side + i) * n + blockColumn * side
      const count = Math.max(0, Math.min(side, n - blockColumn * side))
      block.set(matrix.subarray(from, from + count), i * side)
    }
    return block
  }
  return { a: cut(self.input.subarray(0, n * n), row, shifted), b: cut(self.input.subarray(n * n), shifted, column) }
}

function begin(self: Process, blocks: Blocks): Next {
  const { memory, size } = self
  if (blocks !== null) {
    memory.a.set(blocks.a)
    memory.b.set(blocks.b)
    return self.next()
  }
  const side = blockSide(self)
  const { row, column, shifted } = placeOf(self.rank, self.processes)
  const [a, b] = matrices(size, null)
  fill(memory.a, side, (i, j) => a(row * side + i, shifted * side + j))
  fill(memory.b, side, (i, j) => b(shifted * side + i, column * side + j))
  return self.next()
}

function fill(block: Float64Array, side: number, elements: Elements): void {
  for (let index = 0; index < block.length; index += 1) block[index] = elements(Math.floor(index / side), index % side)
}

/** Multiplies a part of the blocks, so that steps stay short. When all is done, the blocks go round. */
function multiply(self: Process): Next {
  const { memory } = self
  const side = blockSide(self)
  const depth = Math.min(depthMax, side - memory.depth)
  addProduct(memory, { side, from: memory.depth, depth })
  memory.depth += depth
  reportProgress(self, memory.round * side + memory.depth)
  if (memory.depth < side) return self.next()
  memory.depth = 0
  memory.round += 1
  if (memory.round < gridSide(self.processes)) return shiftOut(self)
  return self.rank === 0 ? self.next() : self.receive({ from: 0, tag: 'give' })
}

function shiftOut(self: Process): Next {
  const grid = gridSide(self.processes)
  const { row, column } = placeOf(self.rank, self.processes)
  const rankAt = (i: number, j: number): number => ((i + grid) % grid) * grid + ((j + grid) % grid)
  self.send(rankAt(row, column - 1), 'a', self.memory.a)
  self.send(rankAt(row - 1, column), 'b', self.memory.b)
  return self.receive({ from: rankAt(row, column + 1), tag: 'a' }, { from: rankAt(row + 1, column), tag: 'b' })
}

function shiftIn({ memory, next }: Process, [a, b]: readonly Message[]): Next {
  memory.a.set(a!.value as Float64Array)
  memory.b.set(b!.value as Float64Array)
  return next()
}

/** Columns of C, all of one column of the grid, that are emitted together. */
interface Panel {
  readonly first: number
  readonly count: number
}

const panelColumnsMax = 64

/** Process 0 asks for the columns that come next; its own part it has. */
function collect(self: Process): Next {
  const { memory, size } = self
  const grid = gridSide(self.processes)
  if (memory.emitted === 0) self.emit(size.n)
  if (memory.emitted === size.n) {
    for (let rank = 1; rank < self.processes; rank += 1) self.send(rank, 'give', null)
    return self.done({ n: size.n, grid: `${grid} x ${grid}`, checksum: printChecksum(memory.checksum) })
  }
  const panel = nextPanel(self)
  const gridColumn = Math.floor(memory.emitted / blockSide(self))
  const ranks = Array.from({ length: grid }, (_, row) => row * grid + gridColumn)
  const [first, ...others] = ranks.filter((rank) => rank > 0)
  if (first === undefined) return emitColumns(self, [])
  for (const rank of [first, ...others]) self.send(rank, 'give', panel)
  return self.receive({ from: first, tag: 'columns' }, ...others.map((from) => ({ from, tag: 'columns' })))
}

function nextPanel(self: Process): Panel {
  const side = blockSide(self)
  const { emitted } = self.memory
  const first = emitted % side
  return { first, count: Math.min(panelColumnsMax, side - first, self.size.n - emitted) }
}

/** Sends process 0 its part of some columns; null means that there is nothing left to do. */
function give(self: Process, panel: Panel | null): Next {
  if (panel === null) return self.done()
  self.send(0, 'columns', columnsOf(self, panel))
  return self.receive({ from: 0, tag: 'give' })
}

/** What a process holds of some columns of C, column by column, without the padding. */
function columnsOf(self: Process, { first, count }: Panel): Float64Array {
  const side = blockSide(self)
  const { row } = placeOf(self.rank, self.processes)
  const rows = Math.max(0, Math.min(side, self.size.n - row * side))
  const columns = new Float64Array(rows * count)
  for (let index = 0; index < columns.length; index += 1) {
    columns[index] = self.memory.c[(index % rows) * side + first + Math.floor(index / rows)]!
  }
  return columns
}

/** Puts the parts of some columns one below the other, and emits them. */
function emitColumns(self: Process, messages: readonly Message[]): Next {
  const { memory, size } = self
  const panel = nextPanel(self)
  const parts = messages.map(({ value }) => value as Float64Array)
  if (memory.emitted < blockSide(self)) parts.unshift(columnsOf(self, panel))
  const slice = new Float64Array(size.n * panel.count)
  let top = 0
  for (const part of parts) {
    const rows = part.length / panel.count
    for (let column = 0; column < panel.count; column += 1) {
      slice.set(part.subarray(column * rows, (column + 1) * rows), column * size.n + top)
    }
    top += rows
  }
  self.emit(slice)
  memory.checksum = checksumOf(slice, memory.checksum)
  memory.emitted += panel.count
  reportProgress(self, gridSide(self.processes) * blockSide(self) + memory.emitted)
  return self.next()
}

function reportProgress(self: Process, done: number): void {
  const products = gridSide(self.processes) * blockSide(self)
  self.progress(done, self.rank === 0 ? products + self.size.n : products)
}
