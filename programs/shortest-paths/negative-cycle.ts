import type { Graph } from './graph.ts'

export interface Cycle {
  /** In the order of travel, the first one not repeated at the end. */
  readonly vertices: readonly number[]
  readonly length: number
}

/**
 * A cycle of negative length, or null if there is none. Bellman's and Ford's algorithm from a vertex that leads to all
 * others at no length: whatever still becomes shorter after as many rounds as there are vertices goes round a cycle.
 */
export function findNegativeCycle(graph: Graph): Cycle | null {
  const { vertices, tails, heads, lengths } = graph
  const distances = new Float64Array(vertices)
  const arcInto = new Int32Array(vertices).fill(-1)
  let shortened = -1
  for (let round = 0; round < vertices; round += 1) {
    shortened = -1
    for (let arc = 0; arc < lengths.length; arc += 1) {
      const distance = distances[tails[arc]!]! + lengths[arc]!
      if (distance >= distances[heads[arc]!]!) continue
      distances[heads[arc]!] = distance
      arcInto[heads[arc]!] = arc
      shortened = heads[arc]!
    }
    if (shortened === -1) return null
  }
  return cycleBehind(graph, arcInto, shortened)
}

/** The cycle that one gets into by going backwards from `vertex`. */
function cycleBehind({ vertices, tails, lengths }: Graph, arcInto: Int32Array, vertex: number): Cycle {
  let at = vertex
  for (let step = 0; step < vertices; step += 1) at = tails[arcInto[at]!]!
  const start = at
  const members: number[] = []
  let length = 0
  do {
    length += lengths[arcInto[at]!]!
    at = tails[arcInto[at]!]!
    members.unshift(at)
  } while (at !== start)
  return { vertices: members, length }
}
