import { types } from 'node:util'
import type { BufferView, Inspected } from './cloneable.ts'

/** The part of a buffer that crosses, and that its views share where it arrives. */
export interface BufferCut {
  readonly buffer: ArrayBufferLike
  /** In bytes. */
  readonly start: number
  readonly end: number
}

/** No element is longer than this, and each lies on a multiple of its length. */
const alignmentBytes = 8

/**
 * What of their buffers views need: one alone exactly what it shows, and views that overlap one common part, so that they
 * are still views on the same bytes. Null stands for the whole buffer.
 */
export class CutBuffers {
  readonly #inspected: Inspected
  readonly #cuts = new Map<ArrayBufferLike, readonly BufferCut[]>()

  constructor(inspected: Inspected) {
    this.#inspected = inspected
  }

  cutOf({ buffer, byteOffset, byteLength }: BufferView): BufferCut | null {
    const isShared = types.isSharedArrayBuffer(buffer)
    const views = this.#inspected.views.get(buffer)
    if (views === undefined) return null
    if (!isShared && (byteLength === buffer.byteLength || this.#inspected.bareBuffers.has(buffer))) return null
    if (views.length === 1 || byteLength === 0) return { buffer, start: byteOffset, end: byteOffset + byteLength }
    const cuts = this.#cuts.get(buffer) ?? cutsOf(buffer, views)
    this.#cuts.set(buffer, cuts)
    const cut = cuts.find(({ start, end }) => byteOffset >= start && byteOffset + byteLength <= end)!
    return !isShared && cut.start === 0 && cut.end === buffer.byteLength ? null : cut
  }
}

function cutsOf(buffer: ArrayBufferLike, views: readonly BufferView[]): BufferCut[] {
  const cuts: { buffer: ArrayBufferLike; start: number; end: number }[] = []
  for (const { byteOffset, byteLength } of views.toSorted((one, other) => one.byteOffset - other.byteOffset)) {
    const last = cuts.at(-1)
    const end = byteOffset + byteLength
    if (last === undefined || byteOffset >= last.end) {
      cuts.push({ buffer, start: byteOffset, end })
      continue
    }
    last.end = Math.max(last.end, end)
    // The first need not lie on a multiple of what those behind it must.
    if (byteOffset > last.start) last.start -= last.start % alignmentBytes
  }
  return cuts
}
