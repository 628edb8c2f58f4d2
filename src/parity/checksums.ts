import { assert } from '../base/index.ts'
import type { KernelMemory } from './kernel-memory.ts'
import type { Checksums } from './pages.ts'

/** Pages that share one checksum. */
export const pagesPerGroup = 64

const bytesPerGroup = 8

/** The checksums of one set of pages, kept up to date page by page. */
export class ChecksumTable {
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #scratch: number
  #words: Uint32Array

  /** `scratch`: offset of 8 bytes in `memory` that tables may share. */
  constructor(memory: KernelMemory, pageSizeBytes: number, scratch: number, words = new Uint32Array(32)) {
    this.#memory = memory
    this.#pageSizeBytes = pageSizeBytes
    this.#scratch = scratch
    this.#words = words
  }

  /** Counts a page in that was not counted yet, and out if it was: hash XOR hash is nothing. */
  toggle(pageNumber: number, offset: number): void {
    const { words } = this.#memory
    const from = this.#scratch / 4
    words[from] = 0
    words[from + 1] = 0
    this.#memory.addHash(this.#scratch, offset, this.#pageSizeBytes, pageNumber)
    const to = Math.floor(pageNumber / pagesPerGroup) * 2
    if (to >= this.#words.length) this.#grow(to + 2)
    this.#words[to] = this.#words[to]! ^ words[from]!
    this.#words[to + 1] = this.#words[to + 1]! ^ words[from + 1]!
  }

  copy(): ChecksumTable {
    return new ChecksumTable(this.#memory, this.#pageSizeBytes, this.#scratch, this.#words.slice())
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
