import { assert } from '../base/index.ts'
import type { KernelMemory } from './kernel-memory.ts'
import { type Checksums, pagesPerGroup } from './pages.ts'

const bytesPerGroup = 8

/** The checksums of one set of pages, kept up to date batch by batch. */
export class ChecksumTable {
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  #words: Uint32Array

  constructor(memory: KernelMemory, pageSizeBytes: number, words = new Uint32Array(32)) {
    this.#memory = memory
    this.#pageSizeBytes = pageSizeBytes
    this.#words = words
  }

  /**
   * Counts each page in that was not counted yet, and out if it was: hash XOR hash is nothing. Numbers ascend; offset 0
   * counts nothing.
   */
  toggle(numbers: Uint32Array, offsets: Uint32Array): void {
    const last = numbers.at(-1)
    if (last === undefined) return
    const length = 2 * (Math.floor(last / pagesPerGroup) + 1)
    if (length > this.#words.length) this.#grow(length)
    this.#memory.batches.addHashes(offsets, numbers, this.#pageSizeBytes, this.#words)
  }

  copy(): ChecksumTable {
    return new ChecksumTable(this.#memory, this.#pageSizeBytes, this.#words.slice())
  }

  /** The checksums so far, without the groups of zeros at the end. */
  value(): Checksums {
    let length = this.#words.length
    while (length > 0 && this.#words[length - 1] === 0 && this.#words[length - 2] === 0) length -= 2
    return new Uint8Array(this.#words.slice(0, length).buffer)
  }

  #grow(length: number): void {
    const words = new Uint32Array(2 * length)
    words.set(this.#words)
    this.#words = words
  }
}

/** Numbers of the page groups whose checksums differ, ascending; what one of the two lacks at its end counts as zero. */
export function compareChecksums(expected: Checksums, actual: Checksums): number[] {
  assert(expected.length % bytesPerGroup === 0 && actual.length % bytesPerGroup === 0, 'checksums: 8 bytes each group')
  const damaged: number[] = []
  const groups = Math.max(expected.length, actual.length) / bytesPerGroup
  for (let group = 0; group < groups; group += 1) {
    for (let at = group * bytesPerGroup; at < (group + 1) * bytesPerGroup; at += 1) {
      if ((expected[at] ?? 0) === (actual[at] ?? 0)) continue
      damaged.push(group)
      break
    }
  }
  return damaged
}
