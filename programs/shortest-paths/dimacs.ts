// Graphs in the format of the 9th DIMACS challenge: http://www.diag.uniroma1.it/challenge9/format.shtml
import { type InputBlock, UsageError } from 'paritas'
import { inShort, isWholeNumber } from '../numbers/read-number.ts'
import { emptyGraph, type Graph } from './graph.ts'

/** The greatest length of an arc: sums along any path stay exact. */
const lengthMax = 2 ** 31 - 1

export interface Limits {
  readonly verticesMax: number
  readonly arcsMax: number
}

/** Reads a graph with arcs of whole lengths, negative ones too. Throws a `UsageError` that names file and line. */
export async function readDimacs(blocks: AsyncIterable<InputBlock>, file: string, limits: Limits): Promise<Graph> {
  let graph: Graph | null = null
  let arcs = 0
  let last = 0
  for await (const { first, lines } of blocks) {
    for (const [index, line] of lines.entries()) {
      last = first + index
      const where = `${file}:${last}`
      const [kind, ...words] = line.trim().split(/\s+/)
      if (kind === '' || kind!.startsWith('c')) continue
      if (kind === 'p') {
        if (graph !== null) throw new UsageError(`${where}: a second line begins with p: there is one graph in a file`)
        graph = readProblem(words, where, limits)
      } else if (kind === 'a') {
        if (graph === null) throw new UsageError(`${where}: an arc comes before the line 'p sp VERTICES ARCS'`)
        addArc(graph, arcs, words, where)
        arcs += 1
      } else {
        throw new UsageError(`${where}: '${inShort(line.trim())}' must begin with c (a comment), p or a (an arc)`)
      }
    }
  }
  if (graph === null) throw new UsageError(`${file}:${last}: the file has no line 'p sp VERTICES ARCS'`)
  if (arcs === graph.lengths.length) return graph
  throw new UsageError(`${file}:${last}: the file ends after ${arcs} of ${graph.lengths.length} arcs`)
}

function readProblem(words: readonly string[], where: string, { verticesMax, arcsMax }: Limits): Graph {
  const [kind, ...counts] = words
  const [vertices = 0, arcs = 0] = counts.map(Number)
  if (kind !== 'sp' || counts.length !== 2 || !counts.every(isWholeNumber) || vertices < 1 || arcs < 0) {
    throw new UsageError(`${where}: ${quoted('p', words)} must be 'p sp VERTICES ARCS', with two whole numbers`)
  }
  if (vertices > verticesMax) {
    throw new UsageError(`${where}: the graph has ${counts[0]} vertices: all pairs are found of up to ${verticesMax}`)
  }
  if (arcs > arcsMax) throw new UsageError(`${where}: the graph has ${counts[1]} arcs: there may be up to ${arcsMax}`)
  return emptyGraph(vertices, arcs)
}

function addArc(graph: Graph, arc: number, words: readonly string[], where: string): void {
  if (arc === graph.lengths.length) throw new UsageError(`${where}: an arc too many: the graph has ${arc}`)
  if (words.length !== 3 || !words.every(isWholeNumber)) {
    throw new UsageError(`${where}: ${quoted('a', words)} must be 'a FROM TO LENGTH', with three whole numbers`)
  }
  const [tail, head, length] = words.map(Number)
  for (const [index, vertex] of [tail!, head!].entries()) {
    if (vertex >= 1 && vertex <= graph.vertices) continue
    throw new UsageError(`${where}: there is no vertex ${words[index]}: vertices go from 1 to ${graph.vertices}`)
  }
  if (Math.abs(length!) > lengthMax) {
    throw new UsageError(`${where}: the length ${words[2]} is beyond ${lengthMax}`)
  }
  graph.tails[arc] = tail! - 1
  graph.heads[arc] = head! - 1
  graph.lengths[arc] = length!
}

function quoted(kind: string, words: readonly string[]): string {
  return `'${inShort([kind, ...words].join(' '))}'`
}
