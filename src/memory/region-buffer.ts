import type { KernelMemory } from '../parity/index.ts'
import { type CopyBuffer, slot } from './write-guard.ts'

const wordBytes = 4
/** Positions in the list. */
const [listCount, framesUsed, listStart] = [0, 1, 2]
/** Frames that are kept although the interval did not need them. */
const spareFrames = 256

/** A copy buffer in the kernel memory. */
export class RegionBuffer implements CopyBuffer {
  readonly slots: Uint32Array
  readonly list: Uint32Array
  readonly frames: Uint8Array
  readonly #memory: KernelMemory
  readonly #pageSizeBytes: number
  readonly #framesOffset: number
  /** Frames that may take memory. */
  #framesTouched = 0

  constructor(memory: KernelMemory, pages: number, pageSizeBytes: number) {
    this.#memory = memory
    this.#pageSizeBytes = pageSizeBytes
    const slots = memory.allocate(pages * wordBytes, wordBytes) / wordBytes
    const list = memory.allocate((listStart + pages) * wordBytes, wordBytes) / wordBytes
    this.#framesOffset = memory.allocate(pages * pageSizeBytes, pageSizeBytes)
    this.slots = memory.words.subarray(slots, slots + pages)
    this.list = memory.words.subarray(list, list + listStart + pages)
    this.frames = memory.bytes.subarray(this.#framesOffset, this.#framesOffset + pages * pageSizeBytes)
  }

  /** Frames that take memory, and the tables. */
  get bytes(): number {
    const frames = Math.max(this.#framesTouched, this.list[framesUsed]!)
    return frames * this.#pageSizeBytes + (this.slots.length + this.list.length) * wordBytes
  }

  get count(): number {
    return Atomics.load(this.list, listCount)
  }

  /** The pages with a slot, as a copy. */
  get pages(): Uint32Array {
    return this.list.slice(listStart, listStart + this.count)
  }

  /** Offset of the old content of a page, 0 for zeros; null where there is none. */
  contentOf(page: number): number | null {
    // Reading by an atomic addition keeps earlier reads of the page itself from being done after it.
    const value = Atomics.add(this.slots, page, 0)
    if (value === slot.zeros) return 0
    return value >= slot.first ? this.#frame(value - slot.first) : null
  }

  /** Makes `content` the old content of a page. No first write may come meanwhile. */
  put(page: number, content: number): void {
    const kept = this.slots[page]!
    if (kept === slot.none) {
      this.list[listStart + this.count] = page
      this.list[listCount]! += 1
    }
    if (kept >= slot.first) {
      this.#memory.copy(this.#frame(kept - slot.first), content, this.#pageSizeBytes)
    } else if (content === 0) {
      this.slots[page] = slot.zeros
    } else {
      const frame = this.list[framesUsed]!
      this.list[framesUsed] = frame + 1
      this.#memory.copy(this.#frame(frame), content, this.#pageSizeBytes)
      this.slots[page] = slot.first + frame
    }
  }

  /** Gives up the old contents of `all` pages but `some`; both ascend. */
  keepOnly(some: Uint32Array, all: Uint32Array): void {
    let next = 0
    for (const page of all) {
      if (some[next] === page) next += 1
      else this.slots[page] = slot.none
    }
  }

  /** Gives up all old contents, which are those of `pages` at most. Returns frames that are better given back. */
  empty(pages: Uint32Array): Uint8Array | null {
    for (const page of pages) this.slots[page] = slot.none
    const used = this.list[framesUsed]!
    this.list[listCount] = 0
    this.list[framesUsed] = 0
    this.#framesTouched = Math.max(this.#framesTouched, used)
    const wanted = 2 * used + spareFrames
    if (this.#framesTouched <= wanted) return null
    const unneeded = this.frames.subarray(wanted * this.#pageSizeBytes, this.#framesTouched * this.#pageSizeBytes)
    this.#framesTouched = wanted
    return unneeded
  }

  #frame(number: number): number {
    return this.#framesOffset + number * this.#pageSizeBytes
  }
}
