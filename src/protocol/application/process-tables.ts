/**
 * The tables of a process as they lie in a checkpoint: numbers and texts one behind the other, in the order of the fields
 * of `StoredProcess`. Read back only when every one is what it should be, up to the last byte.
 */

import type { Rank } from '../../base/index.ts'
import type { ChannelReceipts, SentEntry } from '../../log/index.ts'
import { outputKinds } from '../frames.ts'
import { NumberReader, NumberWriter } from './number-bytes.ts'
import type { Arrived, Output, ReceivePattern, Waiting } from './state.ts'

/** A row without its payload. */
export type StoredEntry = Omit<SentEntry, 'payload'> & Shared
export type StoredOutput = Omit<Output, 'payload'> & Shared

interface Shared {
  /** Length of a payload that lies in the shared blob, where those follow each other; null: it has a blob of its own. */
  readonly shared: number | null
}

/** A message that has arrived and was not consumed, without its payload. */
export type StoredMessage = Pick<Arrived, 'from' | 'sequence' | 'interval' | 'tag'> & Shared

export interface ProcessTables {
  readonly steps: number
  readonly waiting: Waiting
  readonly nextSequence: readonly (readonly [Rank, number])[]
  readonly sent: readonly StoredEntry[]
  readonly received: readonly (readonly [Rank, ChannelReceipts])[]
  readonly outputs: readonly StoredOutput[]
  readonly nextOutput: number
}

const waitingKinds: readonly Waiting['kind'][] = ['start', 'continue', 'receive', 'finished']

/** One for all: each process is written in one go. */
const writer = new NumberWriter()

export function writeStoredProcess(stored: ProcessTables): Uint8Array {
  writer.number(stored.steps)
  writeWaiting(stored.waiting)
  writer.number(stored.nextSequence.length)
  for (const [to, next] of stored.nextSequence) {
    // The literal rules use one counter for all channels, under -1.
    writer.number(to + 1)
    writer.number(next)
  }
  writer.number(stored.sent.length)
  for (const entry of stored.sent) writeEntry(entry)
  writer.number(stored.received.length)
  for (const [from, received] of stored.received) writeReceived(from, received)
  writer.number(stored.outputs.length)
  for (const { index, kind, interval, shared } of stored.outputs) {
    writer.number(index)
    writer.number(outputKinds.indexOf(kind))
    writer.number(interval)
    writeOptional(shared)
  }
  writer.number(stored.nextOutput)
  return writer.take()
}

/** 0 for null, else one more than the number. */
function writeOptional(value: number | null): void {
  writer.number(value === null ? 0 : value + 1)
}

function writeWaiting(waiting: Waiting): void {
  writer.number(waitingKinds.indexOf(waiting.kind))
  if (waiting.kind !== 'receive') return
  writer.number(waiting.patterns.length)
  for (const { from, tag } of waiting.patterns) {
    writeOptional(from)
    writer.number(tag === null ? 0 : 1)
    if (tag !== null) writer.text(tag)
  }
}

function writeEntry({ to, sequence, interval, tag, status, consumedIn, shared }: StoredEntry): void {
  writer.number(to)
  writer.number(sequence)
  writer.number(interval)
  writer.text(tag)
  writer.number(status)
  writeOptional(consumedIn)
  writeOptional(shared)
}

function writeReceived(from: Rank, { watermark, receipts }: ChannelReceipts): void {
  writer.number(from)
  writer.number(watermark)
  writer.number(receipts.length)
  for (const { sequence, status } of receipts) {
    writer.number(sequence)
    writer.number(status)
  }
}

export function writeStoredMailbox(messages: readonly StoredMessage[]): Uint8Array {
  writer.number(messages.length)
  for (const { from, sequence, interval, tag, shared } of messages) {
    writer.number(from)
    writer.number(sequence)
    writer.number(interval)
    writer.text(tag)
    writeOptional(shared)
  }
  return writer.take()
}

/** Throws an error that names the first field that is wrong. */
export function readStoredProcess(bytes: Uint8Array): ProcessTables {
  return new Reader(bytes).read()
}

type Field = keyof ProcessTables | 'mailbox' | 'end'

/** Throws an error that names the first message that is wrong. */
export function readStoredMailbox(bytes: Uint8Array): StoredMessage[] {
  return new Reader(bytes).readMailbox()
}

class Reader {
  readonly #numbers: NumberReader
  #field = 'steps'

  constructor(bytes: Uint8Array) {
    this.#numbers = new NumberReader(bytes, () => this.#refuse())
  }

  read(): ProcessTables {
    const steps = this.#numbers.number()
    const waiting = this.#in('waiting', () => this.#waiting())
    const nextSequence = this.#list('nextSequence', () => [this.#numbers.number() - 1, this.#numbers.number()] as const)
    const sent = this.#list('sent', () => this.#entry())
    const received = this.#list('received', () => [this.#numbers.number(), this.#received()] as const)
    const outputs = this.#list('outputs', () => this.#output())
    const nextOutput = this.#in('nextOutput', () => this.#numbers.number())
    this.#in('end', () => this.#numbers.end())
    return { steps, waiting, nextSequence, sent, received, outputs, nextOutput }
  }

  readMailbox(): StoredMessage[] {
    const messages = this.#list('mailbox', () => ({
      from: this.#numbers.number(),
      sequence: this.#numbers.number(),
      interval: this.#numbers.number(),
      tag: this.#numbers.text(),
      shared: this.#optional(),
    }))
    this.#in('end', () => this.#numbers.end())
    return messages
  }

  #refuse(): never {
    throw new Error(`the process's tables in its checkpoint are damaged: their ${this.#field} cannot be read`)
  }

  #in<Value>(field: Field, read: () => Value): Value {
    this.#field = field
    return read()
  }

  #list<Item>(field: Field, read: () => Item): Item[] {
    return this.#in(field, () => this.#items(read))
  }

  #items<Item>(read: () => Item): Item[] {
    const items: Item[] = []
    for (let left = this.#numbers.count(); left > 0; left -= 1) items.push(read())
    return items
  }

  #optional(): number | null {
    const value = this.#numbers.number()
    return value === 0 ? null : value - 1
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    return values[this.#numbers.number()] ?? this.#refuse()
  }

  #waiting(): Waiting {
    const kind = this.#oneOf(waitingKinds)
    return kind === 'receive' ? { kind, patterns: this.#items(() => this.#pattern()) } : { kind }
  }

  #pattern(): ReceivePattern {
    const from = this.#optional()
    return { from, tag: this.#oneOf([false, true]) ? this.#numbers.text() : null }
  }

  #entry(): StoredEntry {
    return {
      to: this.#numbers.number(),
      sequence: this.#numbers.number(),
      interval: this.#numbers.number(),
      tag: this.#numbers.text(),
      status: this.#oneOf([0, 1, 2] as const),
      consumedIn: this.#optional(),
      shared: this.#optional(),
    }
  }

  #received(): ChannelReceipts {
    const watermark = this.#numbers.number()
    return {
      watermark,
      receipts: this.#items(() => ({ sequence: this.#numbers.number(), status: this.#status() })),
    }
  }

  /** The status of a receipt. */
  #status(): 1 | 2 {
    const status = this.#oneOf([0, 1, 2] as const)
    return status === 0 ? this.#refuse() : status
  }

  #output(): StoredOutput {
    return {
      index: this.#numbers.number(),
      kind: this.#oneOf(outputKinds),
      interval: this.#numbers.number(),
      shared: this.#optional(),
    }
  }
}
