import { Unpackr } from 'msgpackr'
import { joinBody, prefixBytes } from './encode-frame.ts'

const unpackr = new Unpackr({ useRecords: false, copyBuffers: true })

/** A part of a frame that spans chunks is collected in a buffer of this size at first, and then of four times it. */
const firstGrowthBytes = 1024 * 1024

/**
 * Makes messages of bytes that arrive in any cuts. What it hands out owns its memory: no message keeps a chunk alive.
 * Bytes that are no frame end it: `damage` says why, and everything after is ignored.
 */
export class FrameDecoder {
  /** Longest frame that is accepted, in bytes after its length. */
  frameBytesMax: number
  /** What was wrong with the bytes, or null. */
  damage: string | null = null
  readonly #onMessage: (message: unknown) => void
  #chunk: Uint8Array = new Uint8Array(0)
  #offset = 0
  readonly #gathered = new GatheredBytes()
  #headerBytes = 0
  #bodyBytes = 0
  #header: unknown
  #part: 'prefix' | 'header' | 'body' = 'prefix'

  constructor(frameBytesMax: number, onMessage: (message: unknown) => void) {
    this.frameBytesMax = frameBytesMax
    this.#onMessage = onMessage
  }

  /** True if the bytes so far end inside a frame. */
  get insideFrame(): boolean {
    return this.#part !== 'prefix' || this.#gathered.length > 0
  }

  push(chunk: Uint8Array): void {
    // A plain view, so that binary fields come out as Uint8Array, not as Buffer.
    this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.#offset = 0
    while (this.damage === null && this.#readPart()) {
      // Each turn reads one part; the last one finds too few bytes.
    }
    this.#chunk = new Uint8Array(0)
  }

  #readPart(): boolean {
    switch (this.#part) {
      case 'prefix':
        return this.#readPrefix()
      case 'header':
        return this.#readHeader()
      case 'body':
        return this.#readBody()
    }
  }

  #readPrefix(): boolean {
    const prefix = this.#take(prefixBytes)
    if (!prefix) return false
    const view = new DataView(prefix.buffer, prefix.byteOffset)
    const frameBytes = view.getUint32(0, true)
    this.#headerBytes = view.getUint32(4, true)
    this.#bodyBytes = frameBytes - 4 - this.#headerBytes
    this.#part = 'header'
    if (frameBytes > this.frameBytesMax) {
      this.damage = `a frame of ${frameBytes} bytes is longer than the ${this.frameBytesMax} that are allowed`
    } else if (this.#headerBytes === 0 || this.#bodyBytes < 0) {
      this.damage = `a frame of ${frameBytes} bytes cannot have a header of ${this.#headerBytes}`
    }
    return true
  }

  #readHeader(): boolean {
    const bytes = this.#take(this.#headerBytes)
    if (!bytes) return false
    try {
      this.#header = unpackr.unpack(bytes)
    } catch (error) {
      return this.#undecodable(error)
    }
    if (this.#bodyBytes > 0) {
      this.#part = 'body'
    } else {
      this.#part = 'prefix'
      this.#onMessage(this.#header)
    }
    return true
  }

  #readBody(): boolean {
    const isInChunk = this.#gathered.length === 0
    const bytes = this.#take(this.#bodyBytes)
    if (!bytes) return false
    const header = this.#header
    this.#header = undefined
    let message: unknown
    try {
      message = joinBody(header, isInChunk ? bytes.slice() : bytes)
    } catch (error) {
      return this.#undecodable(error)
    }
    this.#part = 'prefix'
    this.#onMessage(message)
    return true
  }

  #undecodable(error: unknown): true {
    const frameBytes = 4 + this.#headerBytes + this.#bodyBytes
    this.damage = `a frame of ${frameBytes} bytes cannot be decoded: ${error instanceof Error ? error.message : error}`
    return true
  }

  /** The next `wanted` bytes, as a view that holds until the next chunk; or null, with what there is put by. */
  #take(wanted: number): Uint8Array | null {
    const start = this.#offset
    const here = Math.min(this.#chunk.length - start, wanted - this.#gathered.length)
    this.#offset += here
    if (here === wanted) return this.#chunk.subarray(start, start + here)
    return this.#gathered.add(this.#chunk.subarray(start, start + here), wanted)
  }
}

/** Bytes that arrive in pieces. Memory is taken as they arrive, not by what a length promises. */
class GatheredBytes {
  length = 0
  #bytes = new Uint8Array(0)

  /** Adds `piece`; gives all bytes, in a buffer of their own, once they are `wanted` many. */
  add(piece: Uint8Array, wanted: number): Uint8Array | null {
    const length = this.length + piece.length
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(wanted, Math.max(firstGrowthBytes, 4 * length)))
      grown.set(this.#bytes.subarray(0, this.length))
      this.#bytes = grown
    }
    this.#bytes.set(piece, this.length)
    this.length = length
    if (length < wanted) return null
    const bytes = this.#bytes
    this.length = 0
    this.#bytes = new Uint8Array(0)
    return bytes
  }
}
