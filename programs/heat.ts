// Lets the heat of a plate spread. The plate is cut into strips of rows, one for each process; in every iteration each cell
// takes on some of the warmth of its four neighbours. So each process needs the row above its strip and the one below: its
// halo, which its neighbours send.
import { defineProgram, f64, integer, type Message, type Next, type Self, UsageError, u32 } from 'paritas'
import { checksumOf, printChecksum } from './numbers/checksum.ts'

const size = {
  rows: integer({ default: 1024, min: 1, max: 65_536, help: 'rows of the plate' }),
  columns: integer({ default: 1024, min: 1, max: 65_536, help: 'columns of the plate' }),
  iterations: integer({ default: 1000, min: 0, help: 'times that heat goes over to the neighbours' }),
  seed: integer({ default: 1, min: 0, max: 2 ** 32 - 1, help: 'seed of the temperatures at first' }),
}
type Size = Readonly<Record<keyof typeof size, number>>

interface Context {
  readonly rank: number
  readonly processes: number
  readonly size: Size
}

/** The strip of a process: `rows` rows from row `first` of the plate on. Throws a `UsageError` if there are too few. */
function stripOf({ rank, processes, size }: Context): { readonly first: number; readonly rows: number } {
  if (size.rows < processes) throw new UsageError(`${processes} processes need at least ${processes} rows`)
  const first = Math.floor((rank * size.rows) / processes)
  return { first, rows: Math.floor(((rank + 1) * size.rows) / processes) - first }
}

function memory(context: Context) {
  const cells = (stripOf(context).rows + 2) * context.size.columns
  // A strip with its halo, twice: iterations read the one and write the other, in turn.
  return { even: f64(cells), odd: f64(cells), iteration: u32() }
}

type Process = Self<typeof size, ReturnType<typeof memory>>

export default defineProgram({
  name: 'heat',
  description: 'lets the heat of a plate spread, each process on a strip of it',
  size,
  memory,
  output: {
    description: 'the plate at the end, as a picture in the PGM format',
    format: (part) => (typeof part === 'string' ? part : formatPixels(part as Pixels)),
  },

  start(self) {
    const { first, rows } = stripOf(self)
    fillPlate(self.memory.even.subarray(self.size.columns), self.size, first, rows)
    if (self.rank === 0) self.emit(`P2\n${self.size.columns} ${self.size.rows}\n255\n`)
    return exchange(self)
  },

  step(self, messages) {
    const { memory, size } = self
    if (memory.iteration === size.iterations) return finish(self)
    const [now, next] = inTurn(memory)
    setHalo(self, now, messages)
    spread(now, next, size.columns)
    memory.iteration += 1
    self.progress(memory.iteration, size.iterations)
    return exchange(self)
  },

  verifiedAgainst: 'the whole plate on one process, bit for bit',
  verify({ size, processes, results, emitted }) {
    const plate = wholePlate(size)
    const shades = shadesOf(plate)
    const parts = (emitted as readonly (string | Pixels)[]).filter((part) => typeof part !== 'string')
    for (let rank = 0; rank < processes; rank += 1) {
      const { first, rows } = stripOf({ rank, processes, size })
      const [from, end] = [first * size.columns, (first + rows) * size.columns]
      const expected = printChecksum(checksumOf(plate.subarray(from, end)))
      if (results[rank] !== expected)
        return `the strip of process ${rank} has the checksum ${results[rank]}, not ${expected}`
      const wrong = shades.subarray(from, end).findIndex((shade, index) => parts[rank]?.shades[index] !== shade)
      if (wrong >= 0) return `row ${first + Math.floor(wrong / size.columns) + 1} of the picture is wrong`
    }
    return null
  },
})

/** The cells that this iteration reads, and those that it writes. */
function inTurn({ even, odd, iteration }: Process['memory']): [now: Float64Array, next: Float64Array] {
  return iteration % 2 === 0 ? [even, odd] : [odd, even]
}

/** Sends the outer rows of the strip to the neighbours, and waits for theirs. */
function exchange(self: Process): Next {
  const { memory, size, rank, processes } = self
  if (memory.iteration === size.iterations) return self.next()
  const { columns } = size
  const [now] = inTurn(memory)
  if (rank > 0) self.send(rank - 1, 'row', now.subarray(columns, 2 * columns))
  if (rank < processes - 1) self.send(rank + 1, 'row', now.subarray(now.length - 2 * columns, now.length - columns))
  const [first, ...rest] = neighboursOf(self).map((from) => ({ from, tag: 'row' }))
  return first === undefined ? self.next() : self.receive(first, ...rest)
}

function neighboursOf({ rank, processes }: Process): number[] {
  return [rank - 1, rank + 1].filter((neighbour) => neighbour >= 0 && neighbour < processes)
}

/** Where there is no neighbour, the halo stays at 0: the surroundings are cold. */
function setHalo({ rank, size }: Process, now: Float64Array, messages: readonly Message[]): void {
  for (const { from, value } of messages) now.set(value as Float64Array, from < rank ? 0 : now.length - size.columns)
}

/** The share of the difference to each neighbour that goes over in one iteration. */
const conductance = 0.2

/** One iteration: all rows but the first and the last, which are the halo. */
function spread(now: Float64Array, next: Float64Array, columns: number): void {
  for (let row = columns; row < now.length - columns; row += columns) {
    let left = 0
    let cell = now[row]!
    for (let index = row; index < row + columns; index += 1) {
      const right = index + 1 < row + columns ? now[index + 1]! : 0
      next[index] = cell + conductance * (now[index - columns]! + now[index + columns]! + left + right - 4 * cell)
      left = cell
      cell = right
    }
  }
}

/** Temperatures at first, from 0 to 100 without any order, so that every cell changes in every iteration. */
function fillPlate(cells: Float64Array, { columns, seed }: Size, first: number, rows: number): void {
  for (let index = 0; index < rows * columns; index += 1) {
    let mixed = Math.imul(first * columns + index + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
    mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
    cells[index] = (((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * 100
  }
}

/** The plate after all iterations, without processes and without messages. */
function wholePlate(size: Size): Float64Array {
  const { rows, columns, iterations } = size
  let now = new Float64Array((rows + 2) * columns)
  let next = new Float64Array(now.length)
  fillPlate(now.subarray(columns), size, 0, rows)
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    spread(now, next, columns)
    ;[now, next] = [next, now]
  }
  return now.subarray(columns, now.length - columns)
}

/** Shades of grey, 0 to 255, of some rows of the picture. */
interface Pixels {
  readonly columns: number
  readonly shades: Uint8Array
}

function finish(self: Process): Next {
  const { columns } = self.size
  const [now] = inTurn(self.memory)
  const strip = now.subarray(columns, now.length - columns)
  self.emit({ columns, shades: shadesOf(strip) } satisfies Pixels)
  return self.done(printChecksum(checksumOf(strip)))
}

function shadesOf(cells: Float64Array): Uint8Array {
  return Uint8Array.from(cells, (temperature) => Math.min(255, Math.floor(temperature * 2.56)))
}

function formatPixels({ columns, shades }: Pixels): string {
  const rows = Array.from({ length: shades.length / columns }, (_, row) =>
    shades.subarray(row * columns, (row + 1) * columns).join(' '),
  )
  return `${rows.join('\n')}\n`
}
