import { assert } from '../../base/index.ts'
import { doMemoryWork, type MemoryPort, type MemoryWork, RealContent } from '../../carrier/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { ApplicationEvent } from '../../protocol/index.ts'

/** The memory of a simulated application processor: real bytes, and recoveries work on it when the world says so. */
export class HostMemory implements MemoryPort {
  readonly real: ProtectedMemory
  readonly content: RealContent
  /** Grows whenever the memory is replaced: what was known of its journal counts no more. */
  rebuilds = 0
  /** Done one after the other, even when the epoch has changed meanwhile. */
  readonly #works: MemoryWork[] = []
  readonly #isStepping: () => boolean

  constructor(real: ProtectedMemory, isStepping: () => boolean) {
    this.real = real
    this.content = new RealContent(real)
    this.#isStepping = isStepping
  }

  get isWaiting(): boolean {
    return this.#works.length > 0
  }

  capture(checkpoint: number, blobs: ReadonlyMap<string, Uint8Array>): void {
    assert(!this.isWaiting && !this.#isStepping(), 'a capture falls between steps, on a whole memory')
    this.real.capture(checkpoint, blobs)
  }

  recycle(checkpoint: number): void {
    this.real.recycle(checkpoint)
  }

  /** Something else than work that was put here has replaced it. */
  noteReplaced(): void {
    this.rebuilds += 1
  }

  put(work: MemoryWork): void {
    this.#works.push(work)
  }

  /** Does the next piece of work. Returns what the protocol is to hear of it. */
  work(): ApplicationEvent | null {
    const work = this.#works.shift()
    if (!work) return null
    this.rebuilds += 1
    return doMemoryWork(work, this.real)
  }
}
