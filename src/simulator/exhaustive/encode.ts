/**
 * Plain data as a text that is the same for equal data, in whatever order maps, sets and objects were filled, and that
 * can name ranks as a symmetry does. Keys say what a number means.
 */
import { idOf } from '../oracle/journal.ts'
import type { Renaming } from './renaming.ts'

/** How a symmetry calls the checkpoints that batches and checksums stand for. */
export type NameCheckpoint = (token: number) => string

const rankKeys: ReadonlySet<string> = new Set([
  ...['rank', 'to', 'from', 'granted', 'finished', 'drainedFrom', 'capturedBy'],
  ...['pressing', 'pressedBy', 'stuck', 'answered'],
])
const processorKeys: ReadonlySet<string> = new Set(['members', 'processor', 'spares', 'silent'])
const messageKeys: ReadonlySet<string> = new Set(['sentIds', 'consumedIds'])
/** Lists whose order means nothing to the protocol. */
const unorderedKeys: ReadonlySet<string> = new Set(['rebuild', 'hops', 'checksums', 'missing', 'lost'])
/** The same in all states of a world. */
const constantKeys: ReadonlySet<string> = new Set(['options', 'rules', 'error', 'description'])

export class StateEncoder {
  readonly #renaming: Renaming
  readonly #nameCheckpoint: NameCheckpoint

  constructor(renaming: Renaming, nameCheckpoint: NameCheckpoint) {
    this.#renaming = renaming
    this.#nameCheckpoint = nameCheckpoint
  }

  encode(data: unknown): string {
    return this.#encode(data, '')
  }

  #encode(data: unknown, key: string): string {
    if (typeof data === 'number') return this.#number(data, key)
    if (typeof data === 'string') return this.#renaming.place(data)
    if (typeof data !== 'object' || data === null) return String(data)
    if (data instanceof Uint8Array) return this.#bytes(data, key)
    if (Array.isArray(data)) return this.#array(data, key)
    if (data instanceof Map) return this.#map(data, key)
    if (data instanceof Set)
      return `{${[...data]
        .map((one) => this.#encode(one, key))
        .sort()
        .join()}}`
    return this.#object(data as Readonly<Record<string, unknown>>)
  }

  #number(value: number, key: string): string {
    if (rankKeys.has(key)) return String(this.#renaming.rank(value))
    if (processorKeys.has(key)) return String(this.#renaming.processor(value))
    if (messageKeys.has(key)) return String(this.#renaming.message(value))
    return key === 'numbers' || key === 'tokens' ? this.#nameCheckpoint(value) : String(value)
  }

  #bytes(bytes: Uint8Array, key: string): string {
    if (key === 'checksums' || key === 'sums') return this.#nameCheckpoint(idOf(bytes))
    if (key === 'payload') return String(this.#renaming.message(idOf(bytes)))
    return bytes.join()
  }

  #array(items: readonly unknown[], key: string): string {
    const encoded = items.map((one) => this.#encode(one, key))
    return `[${(unorderedKeys.has(key) || key === 'numbers' || key === 'tokens' ? encoded.sort() : encoded).join()}]`
  }

  /** Numbers as keys are ranks. A mailbox keeps the order in which its messages came, and nothing else does. */
  #map(map: ReadonlyMap<unknown, unknown>, key: string): string {
    if (key === 'messages') return `[${[...map.values()].map((one) => this.#encode(one, '')).join()}]`
    const entries = [...map].map(([name, value]) => `${this.#encode(name, 'rank')}:${this.#encode(value, key)}`)
    return `{${entries.sort().join()}}`
  }

  #object(object: Readonly<Record<string, unknown>>): string {
    let text = '('
    for (const key of Object.keys(object).sort()) {
      if (!constantKeys.has(key)) text += `${key}:${this.#encode(object[key], key)};`
    }
    return `${text})`
  }
}
