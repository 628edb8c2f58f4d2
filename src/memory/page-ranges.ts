/** Pages by number in runs: the first page of each run and the one after its last, in turn. Runs ascend, apart from each other. */
export type PageRanges = Uint32Array

export const noPages: PageRanges = new Uint32Array(0)

/** The runs of ascending page numbers. */
export function rangesOf(numbers: Iterable<number>): PageRanges {
  const runs: number[] = []
  for (const number of numbers) addRun(runs, number, number + 1)
  return Uint32Array.from(runs)
}

/** The pages that are in one of the two. */
export function unite(left: PageRanges, right: PageRanges): PageRanges {
  if (left.length === 0) return right
  if (right.length === 0) return left
  const runs: number[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const takesLeft = j >= right.length || (i < left.length && left[i]! <= right[j]!)
    if (takesLeft) {
      addRun(runs, left[i]!, left[i + 1]!)
      i += 2
    } else {
      addRun(runs, right[j]!, right[j + 1]!)
      j += 2
    }
  }
  return Uint32Array.from(runs)
}

/** The pages that are in `ranges`, but not in `others`. */
export function without(ranges: PageRanges, others: PageRanges): PageRanges {
  const runs: number[] = []
  let j = 0
  for (let i = 0; i < ranges.length; i += 2) {
    let first = ranges[i]!
    const end = ranges[i + 1]!
    while (j < others.length && others[j + 1]! <= first) j += 2
    for (let k = j; k < others.length && others[k]! < end; k += 2) {
      if (first < others[k]!) runs.push(first, others[k]!)
      first = Math.min(end, others[k + 1]!)
    }
    if (first < end) runs.push(first, end)
  }
  return Uint32Array.from(runs)
}

/** The first `count` of the pages, and the others. */
export function split(ranges: PageRanges, count: number): readonly [PageRanges, PageRanges] {
  const first: number[] = []
  const others: number[] = []
  let left = count
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [ranges[i]!, ranges[i + 1]!]
    const cut = Math.min(to, from + left)
    if (from < cut) first.push(from, cut)
    if (cut < to) others.push(cut, to)
    left -= cut - from
  }
  return [Uint32Array.from(first), Uint32Array.from(others)]
}

/**
 * The pages of `toBytes` bytes that overlap with the given ones of `fromBytes` bytes, below page `end`. Both sizes
 * count from the same place on.
 */
export function scale(ranges: PageRanges, fromBytes: number, toBytes: number, end: number): PageRanges {
  const runs: number[] = []
  for (let i = 0; i < ranges.length; i += 2) {
    const first = Math.floor((ranges[i]! * fromBytes) / toBytes)
    const after = Math.min(end, Math.ceil((ranges[i + 1]! * fromBytes) / toBytes))
    if (first < after) addRun(runs, first, after)
  }
  return Uint32Array.from(runs)
}

export function countPages(ranges: PageRanges): number {
  let count = 0
  for (let i = 0; i < ranges.length; i += 2) count += ranges[i + 1]! - ranges[i]!
  return count
}

/** Appends a run that begins no earlier than the last one. */
function addRun(runs: number[], first: number, end: number): void {
  const last = runs.length - 1
  if (last > 0 && first <= runs[last]!) runs[last] = Math.max(runs[last]!, end)
  else runs.push(first, end)
}
