import { assert } from '../base/index.ts'
import { type Extent, ExtentMap } from './extents.ts'

/** The pages that blobs are stored in, numbered from 0. */
export interface BlobPages {
  readonly pageSizeBytes: number
  /** Makes sure that pages 0 to `count - 1` are there. */
  need(count: number): void
  /** A copy of `bytes` bytes from the beginning of `page` on. */
  read(page: number, bytes: number): Uint8Array
  write(page: number, bytes: Uint8Array): void
}

interface Placement extends Extent {
  readonly bytes: number
  /** What was written last; unknown for a blob that was read back. */
  source: Uint8Array | null
}

const rootBytes = 8
const entryBytes = 12

/** A longer directory would list more blobs than there can be: what says so is damaged, and not worth the memory. */
const directoryBytesMax = 256 * 1024 * 1024

/**
 * Named blobs in pages. Page 0 begins with the root: start page and byte length of the directory, which lists for each
 * blob its start page, byte length and key; everything is found again from these bytes alone, and all zeros are no blobs.
 * A blob that needs as many pages as last time keeps its place, so what does not change is not written.
 */
export class BlobPart {
  readonly #pages: BlobPages
  #placements = new Map<string, Placement>()
  #directory: Placement = nowhere()
  #extents: ExtentMap

  constructor(pages: BlobPages) {
    this.#pages = pages
    this.#extents = new ExtentMap([this.#rootExtent])
  }

  /** Pages from this one on hold nothing. */
  get end(): number {
    return this.#extents.end
  }

  /** Makes `blobs` the content. */
  write(blobs: ReadonlyMap<string, Uint8Array>): void {
    for (const [key, placement] of this.#placements) {
      const bytes = blobs.get(key)
      if (bytes !== undefined && this.#pagesFor(bytes.length) === placement.pages) continue
      this.#extents.free(placement)
      this.#placements.delete(key)
    }
    const placements = new Map<string, Placement>()
    for (const [key, bytes] of blobs) placements.set(key, this.#place(this.#placements.get(key), bytes))
    this.#placements = placements
    this.#writeDirectory()
  }

  /** The blobs, as copies. */
  read(): Map<string, Uint8Array> {
    const blobs = new Map<string, Uint8Array>()
    for (const [key, { start, bytes }] of this.#placements) blobs.set(key, this.#pages.read(start, bytes))
    return blobs
  }

  /** Finds the blobs anew, after the pages were changed from outside. */
  reload(): void {
    this.#pages.need(this.#rootExtent.pages)
    const root = viewOf(this.#pages.read(0, rootBytes))
    this.#directory = this.#placement(root.getUint32(0, true), root.getUint32(4, true))
    assert(this.#directory.bytes <= directoryBytesMax, 'blobs: the directory has a length that one can have')
    this.#placements = this.#decode(this.#contentOf(this.#directory))
    this.#extents = new ExtentMap([this.#rootExtent, this.#directory, ...this.#placements.values()])
    this.#pages.need(this.#extents.end)
  }

  get #rootExtent(): Extent {
    return { start: 0, pages: 1 }
  }

  #pagesFor(bytes: number): number {
    return Math.ceil(bytes / this.#pages.pageSizeBytes)
  }

  #placement(start: number, bytes: number): Placement {
    return { start, pages: this.#pagesFor(bytes), bytes, source: null }
  }

  #place(placed: Placement | undefined, source: Uint8Array): Placement {
    const pages = this.#pagesFor(source.length)
    if (placed?.source === source) return placed
    const start = placed ? placed.start : this.#extents.take(pages)
    this.#pages.need(this.#extents.end)
    this.#pages.write(start, source)
    return { start, pages, bytes: source.length, source }
  }

  #writeDirectory(): void {
    const content = this.#encode()
    const keepsPlace = this.#pagesFor(content.length) === this.#directory.pages
    if (!keepsPlace) this.#extents.free(this.#directory)
    this.#directory = content.length === 0 ? nowhere() : this.#place(keepsPlace ? this.#directory : undefined, content)
    const root = new Uint8Array(rootBytes)
    viewOf(root).setUint32(0, this.#directory.start, true)
    viewOf(root).setUint32(4, this.#directory.bytes, true)
    this.#pages.need(this.#extents.end)
    this.#pages.write(0, root)
  }

  #contentOf({ start, pages, bytes }: Placement): Uint8Array {
    this.#pages.need(start + pages)
    return this.#pages.read(start, bytes)
  }

  #encode(): Uint8Array {
    let length = 0
    for (const key of this.#placements.keys()) length += entryBytes + 2 * key.length
    const content = new Uint8Array(length)
    const view = viewOf(content)
    let at = 0
    for (const [key, { start, bytes }] of this.#placements) {
      view.setUint32(at, start, true)
      view.setUint32(at + 4, bytes, true)
      view.setUint32(at + 8, key.length, true)
      at += entryBytes
      for (let i = 0; i < key.length; i += 1, at += 2) view.setUint16(at, key.charCodeAt(i), true)
    }
    return content
  }

  #decode(content: Uint8Array): Map<string, Placement> {
    const placements = new Map<string, Placement>()
    const view = viewOf(content)
    let at = 0
    while (at < content.length) {
      assert(at + entryBytes <= content.length, 'blobs: the directory ends with its last entry')
      const placement = this.#placement(view.getUint32(at, true), view.getUint32(at + 4, true))
      const keyEnd = at + entryBytes + 2 * view.getUint32(at + 8, true)
      assert(keyEnd <= content.length, 'blobs: the directory ends with its last entry')
      let key = ''
      for (at += entryBytes; at < keyEnd; at += 2) key += String.fromCharCode(view.getUint16(at, true))
      placements.set(key, placement)
    }
    return placements
  }
}

function nowhere(): Placement {
  return { start: 0, pages: 0, bytes: 0, source: null }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
