// Directed graphs as lists of arcs, and the ones that are made from a seed.
import { randomWords } from '../numbers/random-words.ts'

/** Arc i leads from vertex `tails[i]` to `heads[i]`; vertices count from 0, lengths are whole numbers. */
export interface Graph {
  readonly vertices: number
  readonly tails: Uint32Array
  readonly heads: Uint32Array
  readonly lengths: Float64Array
}

export interface GraphSize {
  readonly vertices: number
  readonly arcs: number
  readonly seed: number
}

/** Lengths of arcs go from 1 to this. */
const lengthMax = 100

/**
 * Graph number `index` of a seed, the same on every machine: a ring of arcs in both directions, as far as there are arcs,
 * which makes it connected, and random arcs after that.
 */
export function randomGraph({ vertices, arcs, seed }: GraphSize, index: number): Graph {
  const words = randomWords(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
  const random = (limit: number): number => words() % limit
  const graph = emptyGraph(vertices, arcs)
  for (let arc = 0; arc < arcs; arc += 1) {
    const isOfRing = arc < 2 * vertices
    const vertex = isOfRing ? arc >> 1 : random(vertices)
    const other = isOfRing ? (vertex + 1) % vertices : random(vertices)
    const isForward = arc % 2 === 0
    graph.tails[arc] = isForward ? vertex : other
    graph.heads[arc] = isForward ? other : vertex
    graph.lengths[arc] = 1 + random(lengthMax)
  }
  return graph
}

export function emptyGraph(vertices: number, arcs: number): Graph {
  return { vertices, tails: new Uint32Array(arcs), heads: new Uint32Array(arcs), lengths: new Float64Array(arcs) }
}

/** A graph as one array, for input and messages: tails, heads, lengths. */
export function packGraph({ tails, heads, lengths }: Graph): Float64Array {
  const packed = new Float64Array(3 * lengths.length)
  packed.set(tails)
  packed.set(heads, lengths.length)
  packed.set(lengths, 2 * lengths.length)
  return packed
}

export function unpackGraph(vertices: number, packed: Float64Array): Graph {
  const arcs = packed.length / 3
  return {
    vertices,
    tails: Uint32Array.from(packed.subarray(0, arcs)),
    heads: Uint32Array.from(packed.subarray(arcs, 2 * arcs)),
    lengths: packed.subarray(2 * arcs),
  }
}
