import type { Graph } from './graph.ts'

/** The lengths of the shortest paths between all pairs, row by row; Infinity where there is none. No negative cycles. */
export function floydWarshall({ vertices, tails, heads, lengths }: Graph): Float64Array {
  const distances = new Float64Array(vertices * vertices).fill(Number.POSITIVE_INFINITY)
  for (let arc = 0; arc < lengths.length; arc += 1) {
    const pair = tails[arc]! * vertices + heads[arc]!
    distances[pair] = Math.min(distances[pair]!, lengths[arc]!)
  }
  for (let vertex = 0; vertex < vertices; vertex += 1) distances[vertex * vertices + vertex] = 0
  for (let middle = 0; middle < vertices; middle += 1) {
    const onward = distances.subarray(middle * vertices, (middle + 1) * vertices)
    for (let from = 0; from < vertices; from += 1) {
      const row = distances.subarray(from * vertices, (from + 1) * vertices)
      const toMiddle = row[middle]!
      if (toMiddle === Number.POSITIVE_INFINITY) continue
      for (let to = 0; to < vertices; to += 1) {
        const through = toMiddle + onward[to]!
        if (through < row[to]!) row[to] = through
      }
    }
  }
  return distances
}
