import type { ProtectedMemory } from '../../memory/index.ts'
import { openMemory } from '../../memory/native/index.ts'
import type { KernelModule } from '../../parity/index.ts'
import { memoryLayout, type Program } from '../../program/index.ts'
import type { Configuration } from '../wire/control.ts'
import { pageSizeBytes } from './place-driver.ts'

/** A spare takes memory ahead only where this many times as much is free. */
const freeShareMin = 8

/**
 * The memory of one processor. A spare has the system give it its pages ahead: a rebuild that has to wait for each page's
 * first touch takes much longer.
 */
export class WarmMemory {
  readonly #kernels: KernelModule
  #prepared: { readonly programBytes: number; readonly memory: ProtectedMemory } | null = null

  constructor(kernels: KernelModule) {
    this.#kernels = kernels
  }

  /** Prepares memory of the size that most processes have. */
  prepare(program: Program, configuration: Configuration): void {
    const programBytes = mostCommon(sizesOf(program, configuration))
    // The memory and the copy of its checkpoint.
    const isPlenty = 2 * programBytes * freeShareMin <= process.availableMemory()
    if (this.#prepared || !configuration.machine.protection || !isPlenty) return
    const memory = this.#open(programBytes, configuration)
    memory.populate()
    this.#prepared = { programBytes, memory }
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
