// Finds the shortest paths between all pairs of vertices, like routers that know only their neighbours. Each process owns some
// vertices and keeps their distances to all others. In every round each tells all others which of its rows of distances have
// become shorter, and looks whether its own vertices get anywhere faster through those. When nothing has changed, all is found.
import { defineProgram, f64, integer, type Next, type Self, UsageError, u8, u32 } from 'paritas'
import { readDimacs } from './shortest-paths/dimacs.ts'
import { floydWarshall } from './shortest-paths/floyd-warshall.ts'
import { type Graph, packGraph, randomGraph, unpackGraph } from './shortest-paths/graph.ts'
import { findNegativeCycle } from './shortest-paths/negative-cycle.ts'

const limits = { verticesMax: 4096, arcsMax: 4_000_000 }

const size = {
  vertices: integer({ default: 15, min: 1, max: limits.verticesMax, help: 'vertices; --input decides it if given' }),
  arcs: integer({ default: 60, min: 0, max: limits.arcsMax, help: 'arcs, those of a ring first; --input decides it' }),
  graphs: integer({ default: 100, min: 1, max: 1_000_000, help: 'graphs, one after another; one with --input' }),
  seed: integer({ default: 1, min: 0, max: 2 ** 32 - 1, help: 'seed of the graphs when there is no --input' }),
}
type Size = Readonly<Record<keyof typeof size, number>>

interface Context {
  readonly rank: number
  readonly processes: number
  readonly size: Size
}

/** The vertices of a process: from `first` to before `end`. */
function verticesOf({ rank, processes, size }: Context): { readonly first: number; readonly end: number } {
  const share = (index: number): number => Math.floor((index * size.vertices) / processes)
  return { first: share(rank), end: share(rank + 1) }
}

function memory(context: Context) {
  const { first, end } = verticesOf(context)
  const { vertices, arcs } = context.size
  return {
    /** A row for each vertex of this process. */
    distances: f64((end - first) * vertices),
    /** For each row, whether it became shorter in the last round. */
    changed: u8(end - first),
    /** The arcs that leave vertices of this process. */
    arcs: u32(),
    tails: u32(arcs),
    heads: u32(arcs),
    lengths: f64(arcs),
    graph: u32(),
    rounds: u32(),
  }
}

type Process = Self<typeof size, ReturnType<typeof memory>, Record<string, unknown>, Float64Array>

/** Rows of distances that became shorter: those of `vertices`, one behind the other. */
interface Shorter {
  readonly vertices: Uint32Array
  readonly rows: Float64Array
}

/** The distances from one vertex, as they are emitted. */
interface Row {
  readonly graph: number
  readonly from: number
  readonly distances: Float64Array
}

export default defineProgram({
  name: 'shortest-paths',
  description: 'finds the shortest paths between all pairs of vertices; each process owns some of them',
  size,
  memory,

  input: {
    description: 'a graph in the .gr format of DIMACS, with arcs of whole lengths',
    async parse(blocks, { file }) {
      const graph = await readDimacs(blocks, file, limits)
      const cycle = findNegativeCycle(graph)
      if (cycle !== null) throw new UsageError(`${file}: there are no shortest paths: ${describeCycle(cycle)}`)
      return { data: packGraph(graph), size: { vertices: graph.vertices, arcs: graph.lengths.length, graphs: 1 } }
    },
  },
  output: {
    description: 'a line for each pair: number of the graph, from, to, length of the shortest path or inf',
    format: (row) => formatRow(row as Row),
  },

  start(self) {
    if (self.rank > 0) return self.receive({ from: 0, tag: 'begin' })
    for (const rank of others(self)) self.send(rank, 'begin', self.input)
    return begin(self, self.input)
  },

  step(self, messages) {
    if (messages[0]?.tag === 'begin') return begin(self, messages[0].value as Float64Array | null)
    const shorter = [changedRows(self), ...messages.map(({ value }) => value as Shorter)]
    const count = shorter.reduce((sum, { vertices }) => sum + vertices.length, 0)
    if (self.rank === 0) self.progress(self.memory.graph + 1 - count / self.size.vertices, self.size.graphs)
    return count === 0 ? finishGraph(self) : relax(self, shorter)
  },

  verifiedAgainst: "Floyd's and Warshall's algorithm",
  verify({ size, input, emitted }) {
    const rows = (emitted as readonly Row[]).toSorted((a, b) => a.graph - b.graph || a.from - b.from)
    if (rows.length !== size.graphs * size.vertices) {
      return `${rows.length} rows came out, but there are ${size.graphs * size.vertices}`
    }
    for (let index = 0; index < size.graphs; index += 1) {
      const expected = floydWarshall(graphOf(size, input, index))
      const problem = problemWith(rows.slice(index * size.vertices, (index + 1) * size.vertices), expected)
      if (problem !== null) return `graph ${index + 1}: ${problem}`
    }
    return null
  },
})

function graphOf(size: Size, input: Float64Array | null, index: number): Graph {
  return input === null ? randomGraph(size, index) : unpackGraph(size.vertices, input)
}

function others({ rank, processes }: Process): number[] {
  return Array.from({ length: processes }, (_, other) => other).filter((other) => other !== rank)
}

/** Takes the arcs of its own vertices out of the graph, and forgets all distances. */
function begin(self: Process, input: Float64Array | null): Next {
  const { memory, size } = self
  const { first, end } = verticesOf(self)
  const { tails, heads, lengths } = graphOf(size, input, memory.graph)
  memory.arcs = 0
  for (const [arc, tail] of tails.entries()) {
    if (tail < first || tail >= end) continue
    memory.tails[memory.arcs] = tail
    memory.heads[memory.arcs] = heads[arc]!
    memory.lengths[memory.arcs] = lengths[arc]!
    memory.arcs += 1
  }
  memory.distances.fill(Number.POSITIVE_INFINITY)
  for (let vertex = first; vertex < end; vertex += 1) memory.distances[(vertex - first) * size.vertices + vertex] = 0
  memory.changed.fill(1)
  return exchange(self)
}

/** Tells all others what has changed, and waits for the same from each of them. */
function exchange(self: Process): Next {
  const [first, ...rest] = others(self)
  if (first === undefined) return self.next()
  const shorter = changedRows(self)
  for (const rank of [first, ...rest]) self.send(rank, 'shorter', shorter)
  return self.receive({ from: first, tag: 'shorter' }, ...rest.map((from) => ({ from, tag: 'shorter' })))
}

function changedRows(self: Process): Shorter {
  const { memory, size } = self
  const { first } = verticesOf(self)
  const locals = [...memory.changed.keys()].filter((local) => memory.changed[local] === 1)
  const rows = new Float64Array(locals.length * size.vertices)
  for (const [index, local] of locals.entries()) {
    rows.set(memory.distances.subarray(local * size.vertices, (local + 1) * size.vertices), index * size.vertices)
  }
  return { vertices: Uint32Array.from(locals, (local) => first + local), rows }
}

/** Looks whether a way over an arc to a vertex with shorter distances is shorter than what was known. */
function relax(self: Process, shorter: readonly Shorter[]): Next {
  const { memory, size } = self
  const { first } = verticesOf(self)
  const rowOf = new Map<number, Float64Array>()
  for (const { vertices, rows } of shorter) {
    for (const [index, vertex] of vertices.entries()) {
      rowOf.set(vertex, rows.subarray(index * size.vertices, (index + 1) * size.vertices))
    }
  }
  memory.changed.fill(0)
  for (let arc = 0; arc < memory.arcs; arc += 1) {
    const onward = rowOf.get(memory.heads[arc]!)
    if (onward === undefined) continue
    const local = memory.tails[arc]! - first
    const row = memory.distances.subarray(local * size.vertices, (local + 1) * size.vertices)
    if (shorten(row, onward, memory.lengths[arc]!)) memory.changed[local] = 1
  }
  memory.rounds += 1
  return exchange(self)
}

function shorten(row: Float64Array, onward: Float64Array, length: number): boolean {
  let isShorter = false
  for (let to = 0; to < row.length; to += 1) {
    const through = length + onward[to]!
    if (through >= row[to]!) continue
    row[to] = through
    isShorter = true
  }
  return isShorter
}

/** Emits the rows of its own vertices, and goes on to the next graph. */
function finishGraph(self: Process): Next {
  const { memory, size } = self
  const { first, end } = verticesOf(self)
  for (let vertex = first; vertex < end; vertex += 1) {
    const distances = memory.distances.slice((vertex - first) * size.vertices, (vertex - first + 1) * size.vertices)
    self.emit({ graph: memory.graph + 1, from: vertex + 1, distances } satisfies Row)
  }
  memory.graph += 1
  if (memory.graph < size.graphs) return begin(self, null)
  const { vertices, arcs, graphs } = size
  return self.done(self.rank === 0 ? { graphs, vertices, arcs, rounds: memory.rounds } : undefined)
}

function formatRow({ graph, from, distances }: Row): string {
  const lines = Array.from(distances, (distance, to) => {
    return `${graph} ${from} ${to + 1} ${distance === Number.POSITIVE_INFINITY ? 'inf' : distance}\n`
  })
  return lines.join('')
}

function problemWith(rows: readonly Row[], expected: Float64Array): string | null {
  for (const [from, row] of rows.entries()) {
    if (row.from !== from + 1 || row.distances.length !== rows.length) return `a row of vertex ${from + 1} is missing`
    for (const [to, distance] of row.distances.entries()) {
      const shortest = expected[from * rows.length + to]!
      if (distance !== shortest) return `from ${from + 1} to ${to + 1} it found ${distance}, but it is ${shortest}`
    }
  }
  return null
}

const verticesShownMax = 8

function describeCycle({
  vertices,
  length,
}: {
  readonly vertices: readonly number[]
  readonly length: number
}): string {
  const names = vertices.map((vertex) => vertex + 1)
  const left = names.length - verticesShownMax
  const shown = left > 0 ? [...names.slice(0, verticesShownMax), `(${left} more)`] : names
  return `the cycle ${[...shown, names[0]].join(' -> ')} has the length ${length}`
}
