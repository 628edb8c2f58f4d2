import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { randomGraph } from '../../programs/shortest-paths/graph.ts'
import { findNegativeCycle } from '../../programs/shortest-paths/negative-cycle.ts'
import shortestPaths from '../../programs/shortest-paths.ts'
import { type Program, parseSizes, readInput } from '../../src/program/index.ts'
import { type Run, runInOneThread } from './run-in-one-thread.ts'
import { textFile } from './source-files.ts'

const program = shortestPaths as unknown as Program

interface Row {
  readonly graph: number
  readonly from: number
  readonly distances: Float64Array
}

const read = (...lines: string[]) =>
  readInput(program, [textFile('g.gr', `${lines.join('\n')}\n`)], { size: parseSizes(program, []) })

const distancesOf = ({ emitted }: Run): number[][] =>
  (emitted as Row[]).toSorted((a, b) => a.graph - b.graph || a.from - b.from).map(({ distances }) => [...distances])

/** Arcs from 1 on with lengths that a potential of each vertex makes negative, without a negative cycle. */
const graphs = fc
  .record({ vertices: fc.integer({ min: 1, max: 9 }), arcs: fc.integer({ min: 0, max: 20 }), seed: fc.integer() })
  .map(({ vertices, arcs, seed }) => {
    const { tails, heads, lengths } = randomGraph({ vertices, arcs, seed }, 7)
    const potential = (vertex: number): number => (vertex * 37) % 90
    const lines = Array.from(lengths, (length, arc) => {
      const [tail, head] = [tails[arc]!, heads[arc]!]
      return `a ${tail + 1} ${head + 1} ${length + potential(tail) - potential(head)}`
    })
    return [`p sp ${vertices} ${arcs}`, ...lines]
  })

describe('shortest paths', () => {
  test.prop([graphs, fc.integer({ min: 1, max: 5 }), fc.integer()])(
    'are those of Floyd and Warshall for any graph, negative arcs among them, on however many processes',
    async (lines, processes, seed) => {
      const { data, size } = await read(...lines)
      const run = runInOneThread(program, { processes, size, input: data, seed })
      expect(await program.verify!({ ...run, processes, input: data })).toBeNull()
      const alone = runInOneThread(program, { processes: 1, size, input: data })
      expect(distancesOf(run)).toEqual(distancesOf(alone))
    },
  )

  test('of a small graph, worked out by hand', async () => {
    const { data, size } = await read(
      'c by hand',
      'p sp 4 5',
      'a 1 2 7',
      'a 1 3 2',
      '',
      'a 3 2 -4',
      'a 2 1 5',
      'a 2 2 0',
    )
    expect(size).toMatchObject({ vertices: 4, arcs: 5, graphs: 1 })
    const run = runInOneThread(program, { processes: 3, size, input: data })
    const none = Number.POSITIVE_INFINITY
    expect(distancesOf(run)).toEqual([
      [0, -2, 2, none],
      [5, 0, 7, none],
      [1, -4, 0, none],
      [none, none, none, 0],
    ])
    const text = run.emitted.map((row) => program.output!.format(row)).join('')
    expect(text.split('\n').slice(0, 4)).toEqual(['1 1 1 0', '1 1 2 -2', '1 1 3 2', '1 1 4 inf'])
  })

  test('of several graphs of 15 vertices, one process for each, all of them connected', async () => {
    const run = runInOneThread(program, { processes: 15, settings: ['graphs=3'], seed: 4 })
    expect(await program.verify!({ ...run, processes: 15, input: null })).toBeNull()
    const distances = distancesOf(run)
    expect(distances).toHaveLength(45)
    expect(distances.flat().every(Number.isFinite)).toBe(true)
    expect(distances.slice(0, 15)).not.toEqual(distances.slice(15, 30))
    expect(run.results[0]).toMatchObject({ graphs: 3, vertices: 15, arcs: 60, rounds: expect.any(Number) })
    expect(run.progress.at(-1)).toEqual([3, 3])
  })

  test('on more processes than vertices', async () => {
    const run = runInOneThread(program, { processes: 5, settings: ['vertices=2', 'arcs=1', 'graphs=2'] })
    expect(await program.verify!({ ...run, processes: 5, input: null })).toBeNull()
  })

  test('verify finds a distance that is wrong and a row that is missing', async () => {
    const run = runInOneThread(program, { processes: 3, settings: ['graphs=2'] })
    const rows = run.emitted as Row[]
    const verify = (emitted: unknown[]) => program.verify!({ ...run, emitted, processes: 3, input: null })
    expect(await verify(rows.slice(1))).toBe('29 rows came out, but there are 30')
    expect(await verify([...rows.slice(1), rows[1]])).toMatch(/^graph 1: a row of vertex 1 is missing$/)
    const right = rows[0]!.distances[2]!
    rows[0]!.distances[2] = 1e6
    expect(await verify(rows)).toBe(`graph 1: from 1 to 3 it found 1000000, but it is ${right}`)
  })
})

describe('negative cycles', () => {
  test.each([
    [['p sp 3 3', 'a 1 2 4', 'a 2 3 -3', 'a 3 2 2'], /2 -> 3 -> 2 has the length -1$|3 -> 2 -> 3 has the length -1$/],
    [['p sp 2 1', 'a 2 2 -5'], /^g.gr: there are no shortest paths: the cycle 2 -> 2 has the length -5$/],
  ])('%j is refused, and the cycle named', async (lines, message) => {
    await expect(read(...lines)).rejects.toThrow(message)
  })

  test('that are long are not named in full', async () => {
    const arcs = Array.from({ length: 50 }, (_, index) => `a ${index + 1} ${((index + 1) % 50) + 1} -1`)
    await expect(read('p sp 50 50', ...arcs)).rejects.toThrow(
      /the cycle (\d+ -> ){8}\(42 more\) -> \d+ has the length -50$/,
    )
  })

  test.prop([fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 24 }), fc.integer()])(
    'are found where they are, and each one found is one',
    (vertices, arcs, seed) => {
      const { lengths, ...graph } = randomGraph({ vertices, arcs, seed }, 3)
      const shifted = { ...graph, lengths: lengths.map((length) => length - 30) }
      const cycle = findNegativeCycle(shifted)
      expect(cycle !== null).toBe(hasNegativeCycle(shifted))
      if (cycle === null) return
      expect(cycle.length).toBeLessThan(0)
      const shortest = (from: number, to: number): number =>
        Math.min(...[...shifted.lengths].filter((_, arc) => shifted.tails[arc] === from && shifted.heads[arc] === to))
      const sum = cycle.vertices.reduce(
        (total, vertex, index) => total + shortest(vertex, cycle.vertices[(index + 1) % cycle.vertices.length]!),
        0,
      )
      expect(sum).toBeLessThanOrEqual(cycle.length)
    },
  )
})

/** By the diagonal of Floyd's and Warshall's matrix. */
function hasNegativeCycle({ vertices, tails, heads, lengths }: ReturnType<typeof randomGraph>): boolean {
  const d = Array.from({ length: vertices }, (_, i) =>
    Array.from({ length: vertices }, (_, j) => (i === j ? 0 : Number.POSITIVE_INFINITY)),
  )
  for (const [arc, length] of lengths.entries()) {
    const row = d[tails[arc]!]!
    row[heads[arc]!] = Math.min(row[heads[arc]!]!, length)
  }
  for (let k = 0; k < vertices; k += 1) {
    for (const row of d) for (let j = 0; j < vertices; j += 1) row[j] = Math.min(row[j]!, row[k]! + d[k]![j]!)
  }
  return d.some((row, index) => row[index]! < 0)
}

describe('DIMACS files', () => {
  test.each([
    [['cThis is a comment', 'p sp 2 1', 'comment', 'a 1 2 5']],
    [['  c\tindented', 'p sp 2 1', 'c', 'a 1 2 +5']],
    [['p\tsp  2 1 ', '', 'a 1\t2 5.0', 'cp sp 3 3', 'ca 2 1 9']],
  ])('%j is one arc', async (lines) => {
    const { data, size } = await read(...lines)
    expect([...data]).toEqual([0, 1, 5])
    expect(size).toMatchObject({ vertices: 2, arcs: 1 })
  })

  test.each([
    [[], "g.gr:1: the file has no line 'p sp VERTICES ARCS'"],
    [['c', 'a 1 2 3'], "g.gr:2: an arc comes before the line 'p sp VERTICES ARCS'"],
    [['p sp 3 1', 'a 1 4 3'], 'g.gr:2: there is no vertex 4: vertices go from 1 to 3'],
    [['p sp 3 1', 'a 0 1 3'], 'g.gr:2: there is no vertex 0: vertices go from 1 to 3'],
    [['p sp 3 1', 'a 1 2 0.5'], "g.gr:2: 'a 1 2 0.5' must be 'a FROM TO LENGTH', with three whole numbers"],
    [['p sp 3 1', 'a 1 2'], "g.gr:2: 'a 1 2' must be 'a FROM TO LENGTH', with three whole numbers"],
    [['p sp 3 1', 'a 1 2 9999999999'], 'g.gr:2: the length 9999999999 is beyond 2147483647'],
    [['p sp 3 1', 'a 1 2 9007199254740993'], 'g.gr:2: the length 9007199254740993 is beyond 2147483647'],
    [['p sp 3 1', 'a 1 9007199254740993 2'], 'g.gr:2: there is no vertex 9007199254740993: vertices go from 1 to 3'],
    [['p sp 3 1', 'a 1 2 0x10'], "g.gr:2: 'a 1 2 0x10' must be 'a FROM TO LENGTH', with three whole numbers"],
    [['p sp 3 1', 'a 1 2 1e1'], "g.gr:2: 'a 1 2 1e1' must be 'a FROM TO LENGTH', with three whole numbers"],
    [['p sp 3 2', 'a 1 2 1'], 'g.gr:2: the file ends after 1 of 2 arcs'],
    [['p sp 3 0', 'a 1 2 1'], 'g.gr:2: an arc too many: the graph has 0'],
    [['p max 3 0'], "g.gr:1: 'p max 3 0' must be 'p sp VERTICES ARCS', with two whole numbers"],
    [['p sp x 0'], "g.gr:1: 'p sp x 0' must be 'p sp VERTICES ARCS', with two whole numbers"],
    [['p sp 0 0'], "g.gr:1: 'p sp 0 0' must be 'p sp VERTICES ARCS', with two whole numbers"],
    [['p sp 264346 0'], 'g.gr:1: the graph has 264346 vertices: all pairs are found of up to 4096'],
    [['p sp 2 5000000'], 'g.gr:1: the graph has 5000000 arcs: there may be up to 4000000'],
    [['p sp 2 0', 'p sp 2 0'], 'g.gr:2: a second line begins with p: there is one graph in a file'],
    [['p sp 2 0', 'edge 1 2'], "g.gr:2: 'edge 1 2' must begin with c (a comment), p or a (an arc)"],
  ])('%j are refused', async (lines, message) => {
    await expect(read(...lines)).rejects.toThrow(message)
  })
})
