import { countPages, noPages, type PageRanges, type ProtectedMemory, unite, without } from '../../memory/index.ts'
import { openMemory } from '../../memory/native/index.ts'
import type { KernelModule } from '../../parity/index.ts'
import { memoryLayout, type Program } from '../../program/index.ts'
import type { Configuration } from '../wire/control.ts'
import { pageSizeBytes } from './place-driver.ts'
import type { TouchAhead } from './touch-ahead.ts'

/** A spare takes memory ahead only where this many times as much is free. */
const freeShareMin = 8

/**
 * The memory of one processor. A spare has its pages touched ahead: a rebuild that has to wait for each page's first touch
 * takes much longer.
 */
export class WarmMemory {
  readonly #kernels: KernelModule
  #prepared: { readonly programBytes: number; readonly memory: ProtectedMemory } | null = null
  /** Pages that have been touched, or will be. */
  #touched: PageRanges = noPages

  constructor(kernels: KernelModule) {
    this.#kernels = kernels
  }

  /** Prepares memory of the size that most processes have. */
  prepare(program: Program, configuration: Configuration): void {
    if (this.#prepared || !configuration.machine.protection) return
    const programBytes = mostCommon(sizesOf(program, configuration))
    const memory = this.#open(programBytes, configuration)
    this.#prepared = { programBytes, memory }
  }

  /** Processes use these pages of theirs: in a rebuild, about as many are written here. */
  expect(pages: PageRanges, touching: TouchAhead): void {
    if (!this.#prepared) return
    const { memory, programBytes } = this.#prepared
    const ahead = touching.isPossible ? memory.aheadOfRebuild(without(pages, this.#touched)) : null
    for (const one of ahead ?? []) touching.add(one.bytes, one.pages)
    // The memory and the copy of its checkpoint.
    const isPlenty = 2 * programBytes * freeShareMin <= process.availableMemory()
    if (ahead === null && isPlenty && this.#touched.length === 0) memory.populate()
    this.#touched = unite(this.#touched, pages)
  }

  /** Pages of it and their copies that are touched ahead. */
  get touchedBytes(): number {
    return 2 * countPages(this.#touched) * pageSizeBytes
  }

  /** The memory for a process's program part of this size. Throws MemoryLimitError. */
  take(programBytes: number, configuration: Configuration): ProtectedMemory {
    const prepared = this.#prepared
    this.drop()
    if (prepared?.programBytes === programBytes) return prepared.memory
    prepared?.memory.close()
    return this.#open(programBytes, configuration)
  }

  /** Gives the memory up: no process will be here. */
  drop(): void {
    this.#prepared = null
  }

  #open(programBytes: number, { machine }: Configuration): ProtectedMemory {
    const { tracker } = machine
    return openMemory({ tracker, kernels: this.#kernels, programBytes, pageSizeBytes }).memory
  }
}

function sizesOf(program: Program, { machine: { processes }, sizes }: Configuration): number[] {
  return Array.from({ length: processes }, (_, rank) => memoryLayout(program, { rank, processes, size: sizes }).bytes)
}

function mostCommon(sizes: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1)
  const [most] = [...counts].sort(([, one], [, other]) => other - one)
  return most?.[0] ?? 0
}
