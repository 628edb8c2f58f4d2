/**
 * What a simulated process writes into its memory: which messages it has sent and consumed, and what it has put out.
 * Every message has an id of its own, never used again, so the journals of all processes show at any moment whether
 * one was lost, doubled or orphaned. The journal is checkpointed and goes back with the memory.
 */
import { assert, type Rank } from '../../base/index.ts'

/** A message in a journal: the process at the other end, and the message's id. */
export interface JournalEntry {
  readonly peer: Rank
  readonly id: number
}

/** How many messages a process can send, and consume, in a machine of this many processes: no program needs more. */
const messageRowsMax = (processes: number): number => 20 * processes
const emittedRowsMax = 16
const counters = 24
const scratchWords = 16
const idBits = 24
const idsMax = 2 ** idBits
const lists = { sent: 0, consumed: 1, emitted: 2 }
export type ListName = keyof typeof lists
const firstRow = Object.keys(lists).length + counters

/** Bytes of memory that the journal of one process needs, in a machine of this many. */
export function journalBytes(processes: number): number {
  return 4 * (firstRow + 2 * messageRowsMax(processes) + emittedRowsMax + scratchWords)
}

export class Journal {
  readonly #words: Uint32Array
  readonly #processes: number

  constructor(words: Uint32Array, processes: number) {
    this.#words = words
    this.#processes = processes
  }

  /** The journal of one process, in memory that begins at `offset`. */
  static at(buffer: ArrayBufferLike, offset: number, processes: number): Journal {
    return new Journal(new Uint32Array(buffer, offset, journalBytes(processes) / 4), processes)
  }

  /** As it is now, and will stay. */
  copy(): Journal {
    return new Journal(Uint32Array.from(this.#words), this.#processes)
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

  /** What a step that has begun and not ended leaves behind: bytes that no checkpoint may ever hold. */
  scribble(value: number): void {
    this.#words.fill(value, this.#words.length - scratchWords)
  }

  /** Rows of a list; never more than there is room for, whatever the bytes say. */
  count(list: ListName): number {
    return Math.min(this.#words[lists[list]]!, this.#rowsMax(list))
  }

  /** The process at the other end of the `index`-th row of a list. */
  peerAt(list: ListName, index: number): Rank {
    return this.#words[this.#firstRow(list) + index]! >>> idBits
  }

  /** The message or output of the `index`-th row of a list. */
  idAt(list: ListName, index: number): number {
    return this.#words[this.#firstRow(list) + index]! & (idsMax - 1)
  }

  rows(list: ListName): JournalEntry[] {
    const rows: JournalEntry[] = []
    const count = this.count(list)
    for (let index = 0; index < count; index += 1) {
      rows.push({ peer: this.peerAt(list, index), id: this.idAt(list, index) })
    }
    return rows
  }

  #counterAt(index: number): number {
    assert(index < counters, 'journal: the counter exists')
    return firstRow - counters + index
  }

  #rowsMax(list: ListName): number {
    return list === 'emitted' ? emittedRowsMax : messageRowsMax(this.#processes)
  }

  #firstRow(list: ListName): number {
    return firstRow + lists[list] * messageRowsMax(this.#processes)
  }

  #append(list: ListName, peer: Rank, id: number): void {
    const count = this.#words[lists[list]]!
    assert(count < this.#rowsMax(list) && id < idsMax, 'journal: the row fits')
    this.#words[this.#firstRow(list) + count] = peer * idsMax + id
    this.#words[lists[list]] = count + 1
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
