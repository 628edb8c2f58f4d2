/**
 * What a simulated process writes into its memory: which messages it has sent and consumed, and what it has put out.
 * Every message has an id of its own, never used again, so the journals of all processes show at any moment whether
 * one was lost, doubled or orphaned. The journal is checkpointed and goes back with the memory.
 */
import { assert, type Rank } from '../base/index.ts'

/** A message in a journal: the process at the other end, and the message's id. */
export interface Entry {
  readonly peer: Rank
  readonly id: number
}

export interface JournalContent {
  readonly sent: readonly Entry[]
  readonly consumed: readonly Entry[]
  /** Ids of the output, in order. */
  readonly emitted: readonly number[]
}

const rowsMax = 160
const counters = 24
const scratchWords = 16
const idBits = 24
const idsMax = 2 ** idBits
const lists = { sent: 0, consumed: 1, emitted: 2 }
export type ListName = keyof typeof lists
const listNames = Object.keys(lists) as ListName[]
const firstRow = listNames.length + counters

/** Bytes of memory that a journal needs. */
export const journalBytes = 4 * (firstRow + listNames.length * rowsMax + scratchWords)

export class Journal {
  readonly #words: Uint32Array

  constructor(buffer: ArrayBufferLike, offset: number) {
    this.#words = new Uint32Array(buffer, offset, journalBytes / 4)
  }

  counter(index: number): number {
    return this.#words[this.#counterAt(index)]!
  }

  setCounter(index: number, value: number): void {
    this.#words[this.#counterAt(index)] = value
  }

  noteSent(peer: Rank, id: number): void {
    this.#append('sent', peer, id)
  }

  noteConsumed(peer: Rank, id: number): void {
    this.#append('consumed', peer, id)
  }

  noteEmitted(id: number): void {
    this.#append('emitted', 0, id)
  }

  /** What a step leaves behind that has begun and not ended: bytes that no checkpoint may ever hold. */
  scribble(value: number): void {
    this.#words.fill(value, this.#words.length - scratchWords)
  }

  /** Rows of a list; never more than there is room for, whatever the bytes say. */
  count(list: ListName): number {
    return Math.min(this.#words[lists[list]]!, rowsMax)
  }

  /** The process at the other end of the `index`-th row of a list. */
  peerAt(list: ListName, index: number): Rank {
    return this.#words[firstRow + lists[list] * rowsMax + index]! >>> idBits
  }

  /** The message or output of the `index`-th row of a list. */
  idAt(list: ListName, index: number): number {
    return this.#words[firstRow + lists[list] * rowsMax + index]! & (idsMax - 1)
  }

  read(): JournalContent {
    return {
      sent: this.#rows('sent'),
      consumed: this.#rows('consumed'),
      emitted: this.#rows('emitted').map(({ id }) => id),
    }
  }

  #counterAt(index: number): number {
    assert(index < counters, 'journal: the counter exists')
    return listNames.length + index
  }

  #append(list: ListName, peer: Rank, id: number): void {
    const count = this.#words[lists[list]]!
    assert(count < rowsMax && id < idsMax, 'journal: the row fits')
    this.#words[firstRow + lists[list] * rowsMax + count] = peer * idsMax + id
    this.#words[lists[list]] = count + 1
  }

  #rows(list: ListName): Entry[] {
    const rows: Entry[] = []
    const count = this.count(list)
    for (let index = 0; index < count; index += 1) {
      rows.push({ peer: this.peerAt(list, index), id: this.idAt(list, index) })
    }
    return rows
  }
}

/** The payload that carries a message id, and up to two more numbers for the program; padded to `bytes`. */
export function encodePayload(id: number, numbers: readonly number[] = [], bytes = 4): Uint8Array {
  const payload = new Uint8Array(Math.max(bytes, 4 + 4 * numbers.length))
  const view = new DataView(payload.buffer)
  view.setUint32(0, id)
  numbers.forEach((value, index) => {
    view.setUint32(4 + 4 * index, value)
  })
  return payload
}

export function idOf(payload: Uint8Array): number {
  return numberAt(payload, 0)
}

/** The `index`-th number behind the id. */
export function numberOf(payload: Uint8Array, index: number): number {
  return numberAt(payload, 4 + 4 * index)
}

function numberAt(payload: Uint8Array, offset: number): number {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(offset)
}
