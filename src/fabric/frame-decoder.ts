import { Unpackr } from 'msgpackr/unpack'
import { frameKinds, headerBits, joinBody, prefixBytes, readU32, slotBodyBytes } from './encode-frame.ts'

const unpackr = new Unpackr({ useRecords: false, copyBuffers: true })

const nothing = new Uint8Array(0)

/** A part of a frame that spans chunks is collected in a buffer of this size at first, and then of four times it. */
const firstGrowthBytes = 1024 * 1024

/** What a decoder needs for bodies that are lent. */
export interface Borrower {
  /** Whether the next message is handled before `onMessage` returns; if it has to wait, its body must be its own. */
  readonly takesNow: boolean
  /** The body in a slot. Throws Error. */
  view(slot: number, length: number): Uint8Array
  giveBack(slot: number): void
  /** What lies in a slot stays as it is until the function that this returns gives it back. */
  keep(slot: number): () => void
  /** Throws Error if they are none. */
  noteNews(news: unknown): void
}

const refusing = {
  view: () => refuseLane(),
  giveBack: () => refuseLane(),
  keep: () => refuseLane(),
  noteNews: () => refuseLane(),
}

/** For links on which nobody lends anything. */
const nobody: Borrower = { takesNow: false, ...refusing }

/** For links beside which there is no lane: what comes through the socket may be lent. */
export function lendingAlone(takesNow: () => boolean): Borrower {
  return {
    get takesNow() {
      return takesNow()
    },
    ...refusing,
  }
}

function refuseLane(): never {
  throw new Error('there is no lane beside this link')
}

/**
 * Makes messages of bytes that arrive in any cuts. A body that is not lent owns its memory, and no message keeps a chunk
 * alive. Bytes that are no frame end it: `damage` says why, and everything after is ignored.
 */
export class FrameDecoder {
  /** Longest frame that is accepted, in bytes after its length. */
  frameBytesMax: number
  /** What was wrong with the bytes, or null. */
  damage: string | null = null
  borrower = nobody
  readonly #onMessage: (message: unknown) => void
  #chunk: Uint8Array = new Uint8Array(0)
  #offset = 0
  /** Where a part was found that is not a body. */
  #found: Uint8Array = new Uint8Array(0)
  #start = 0
  readonly #gathered = new GatheredBytes()
  /** Memory that holds one lent body after another. */
  readonly #lent = new GatheredBytes()
  #kind: number = frameKinds.own
  #headerBytes = 0
  #bodyBytes = 0
  #header: unknown
  /** Where the body lies that is lent with the message that is being handled. */
  #lentSlot: number | null = null
  #part: 'prefix' | 'header' | 'body' = 'prefix'

  constructor(frameBytesMax: number, onMessage: (message: unknown) => void) {
    this.frameBytesMax = frameBytesMax
    this.#onMessage = onMessage
  }

  /** True if the bytes so far end inside a frame. */
  get insideFrame(): boolean {
    return this.#part !== 'prefix' || this.#gathered.length > 0 || this.#lent.length > 0
  }

  /** See `Link.keepLent`. */
  keepLent(): (() => void) | null {
    const slot = this.#lentSlot
    this.#lentSlot = null
    return slot === null ? null : this.borrower.keep(slot)
  }

  push(chunk: Uint8Array): void {
    // A plain view, so that binary fields come out as Uint8Array, not as Buffer.
    this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.#offset = 0
    while (this.damage === null && this.#readPart()) {
      // Each turn reads one part; the last one finds too few bytes.
    }
    this.#chunk = this.#found = nothing
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
    if (!this.#find(prefixBytes)) return false
    const frameBytes = readU32(this.#found, this.#start)
    const second = readU32(this.#found, this.#start + 4)
    this.#kind = second >>> headerBits
    this.#headerBytes = second % 2 ** headerBits
    this.#bodyBytes = frameBytes - 4 - this.#headerBytes
    this.#part = 'header'
    if (frameBytes > this.frameBytesMax) {
      this.damage = `a frame of ${frameBytes} bytes is longer than the ${this.frameBytesMax} that are allowed`
    } else if (this.#headerBytes === 0 || this.#bodyBytes < 0 || !this.#hasBodyOfKind) {
      this.damage = `a frame of ${frameBytes} bytes cannot have a header of ${this.#headerBytes}`
    }
    return true
  }

  get #hasBodyOfKind(): boolean {
    return this.#kind === frameKinds.own || (this.#kind === frameKinds.news) === (this.#bodyBytes === 0)
  }

  #readHeader(): boolean {
    if (!this.#find(this.#headerBytes)) return false
    try {
      const start = this.#start
      this.#header = unpackr.unpack(this.#found, { start, end: start + this.#headerBytes })
    } catch (error) {
      return this.#undecodable(error)
    }
    if (this.#bodyBytes > 0) {
      this.#part = 'body'
      return true
    }
    this.#part = 'prefix'
    if (this.#kind !== frameKinds.news) this.#onMessage(this.#header)
    else this.#mend(() => this.borrower.noteNews(this.#header))
    return true
  }

  #readBody(): boolean {
    const isLent = this.#kind === frameKinds.lent
    const gathered = isLent ? this.#lent : this.#gathered
    const isInChunk = gathered.length === 0
    const bytes = this.#take(this.#bodyBytes, gathered)
    if (!bytes) return false
    this.#part = 'prefix'
    if (this.#kind === frameKinds.slot) return this.#readSlot(bytes)
    const takesNow = isLent && this.borrower.takesNow
    this.#deliver(() => (takesNow || (!isInChunk && !isLent) ? bytes : bytes.slice()))
    return true
  }

  /** The body lies in a slot, which goes back when the message has been handled. */
  #readSlot(place: Uint8Array): true {
    const { borrower } = this
    const view = new DataView(place.buffer, place.byteOffset, place.length)
    const slot = place.length === slotBodyBytes ? view.getUint32(0, true) : -1
    const length = place.length === slotBodyBytes ? view.getUint32(4, true) : 0
    const { takesNow } = borrower
    const isDelivered = this.#deliver(() => {
      if (slot < 0) throw new Error('it names no slot')
      const body = borrower.view(slot, length)
      if (!takesNow) return body.slice()
      this.#lentSlot = slot
      return body
    })
    const isKept = takesNow && this.#lentSlot === null
    this.#lentSlot = null
    if (isDelivered && !isKept) borrower.giveBack(slot)
    return true
  }

  /** False if the header has no place for the body, or there is none. */
  #deliver(body: () => Uint8Array): boolean {
    const header = this.#header
    this.#header = undefined
    let message: unknown
    const isWhole = this.#mend(() => {
      message = joinBody(header, body())
    })
    if (isWhole) this.#onMessage(message)
    return isWhole
  }

  /** Whether `work` went through: what it throws is damage. */
  #mend(work: () => void): boolean {
    try {
      work()
      return true
    } catch (error) {
      return !this.#undecodable(error)
    }
  }

  #undecodable(error: unknown): true {
    const frameBytes = 4 + this.#headerBytes + this.#bodyBytes
    this.damage = `a frame of ${frameBytes} bytes cannot be decoded: ${error instanceof Error ? error.message : error}`
    return true
  }

  /** Whether the next `wanted` bytes are here; `#found` has them then, from `#start` on. Views of small parts cost too much. */
  #find(wanted: number): boolean {
    const end = this.#offset + wanted
    const isInChunk = this.#gathered.length === 0 && end <= this.#chunk.length
    const bytes = isInChunk ? this.#chunk : this.#take(wanted)
    if (!bytes) return false
    this.#found = bytes
    this.#start = isInChunk ? this.#offset : 0
    if (isInChunk) this.#offset = end
    return true
  }

  /** The next `wanted` bytes, as a view that holds until the next chunk; or null, with what there is put by. */
  #take(wanted: number, gathered = this.#gathered): Uint8Array | null {
    const start = this.#offset
    const here = Math.min(this.#chunk.length - start, wanted - gathered.length)
    if (here === 0) return null
    this.#offset += here
    if (here === wanted) return this.#chunk.subarray(start, start + here)
    return gathered.add(this.#chunk.subarray(start, start + here), wanted, gathered === this.#lent)
  }
}

/** Bytes that arrive in pieces. Memory is taken as they arrive, not by what a length promises. */
class GatheredBytes {
  length = 0
  #bytes = new Uint8Array(0)

  /** Adds `piece`; once they are `wanted` many, gives all bytes, in a buffer of their own or, if `stays`, in this one's. */
  add(piece: Uint8Array, wanted: number, stays: boolean): Uint8Array | null {
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
    if (stays) return bytes.subarray(0, length)
    this.#bytes = new Uint8Array(0)
    return bytes
  }
}
