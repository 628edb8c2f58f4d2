import { countPages, type PageRanges, type ProtectedMemory } from '../../memory/index.ts'
import { residentPages } from '../../memory/native/index.ts'
import { monotonicMs } from '../wire/control.ts'
import type { TouchAhead } from './touch-ahead.ts'

const lookMs = 25
/** The share of the time that looking may take: it goes through the whole memory. */
const costShareMax = 0.02
/** Captures that write to memory for the first time: the first makes copies, the next keeps what these held. */
const captures = 2
/** News of what is in use is worth telling when it is this much more than before. */
const growthMin = 1.125
const runsToldMax = 64

export interface CopiesAheadOptions {
  readonly memory: ProtectedMemory
  readonly touching: TouchAhead
  /** The program's pages that are in use: how many, and the longest runs of them. */
  tell(count: number, pages: readonly number[]): void
}

/**
 * Follows a program through the memory that it begins to use, and has the copies touched that captures will make, so that
 * none has to wait for memory. It looks until the second capture.
 */
export class CopiesAhead {
  readonly #options: CopiesAheadOptions
  #timer: NodeJS.Timeout | null = null
  #toldPages = 0

  constructor(options: CopiesAheadOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#options.touching.isPossible) this.#timer ??= setTimeout(() => this.#look(), lookMs)
  }

  stop(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
  }

  #look(): void {
    const { memory, touching } = this.#options
    this.#timer = null
    if (memory.captured >= captures) return
    const beganMs = monotonicMs()
    const { inUse, ahead } = memory.aheadOfCapture(residentPages)
    for (const { bytes, pages } of ahead) touching.add(bytes, pages)
    this.#noteUsed(inUse)
    const tookMs = monotonicMs() - beganMs
    this.#timer = setTimeout(() => this.#look(), Math.max(lookMs, tookMs / costShareMax))
  }

  #noteUsed(inUse: PageRanges): void {
    const count = countPages(inUse)
    if (count <= this.#toldPages * growthMin) return
    this.#toldPages = count
    this.#options.tell(count, longestRuns(inUse, runsToldMax))
  }
}

/** At most so many of the runs, in their order. */
export function longestRuns(ranges: PageRanges, count: number): number[] {
  const runs = Array.from({ length: ranges.length / 2 }, (_, i) => [ranges[2 * i]!, ranges[2 * i + 1]!] as const)
  const kept = runs.toSorted((one, other) => other[1] - other[0] - (one[1] - one[0])).slice(0, count)
  return kept.sort(([one], [other]) => one - other).flat()
}
