/**
 * Memory in the abstract. A captured memory is a token: equal captures have equal tokens. Pages on their way are sets
 * of tokens, and XOR is the symmetric difference of such sets, so a parity is the XOR of captured memories if and only
 * if it is the set of their tokens. Zeros are the empty set.
 */
import { assert, type Rank } from '../../base/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import { decodeMailbox, decodeProcess } from '../../protocol/index.ts'
import { encodePayload } from '../oracle/journal.ts'
import { freeze } from './copy.ts'
import { StateEncoder } from './encode.ts'
import { type Hash, hashText } from './hash.ts'
import type { Renaming } from './renaming.ts'

/** The program's part of a memory: how far its script has come, and what it has sent, consumed and put out. */
export interface ScriptJournal {
  /** Instructions carried out. */
  at: number
  readonly sentIds: number[]
  readonly consumedIds: number[]
  readonly emittedIds: number[]
}

export interface CapturedValue {
  readonly rank: Rank
  readonly journal: ScriptJournal
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

export type Token = number

/** The memory before anything was captured. */
export const zeros: Token = 0

/** Every memory that was captured in any state so far, each once. */
export class Checkpoints {
  readonly #tokens = new Map<string, Token>()
  readonly #captured: (CapturedValue | null)[] = [null]
  /** By symmetry, then by token. */
  readonly #names: string[][]
  readonly encoders: readonly StateEncoder[]

  constructor(renamings: readonly Renaming[]) {
    this.#names = renamings.map(() => ['zeros'])
    this.encoders = renamings.map(
      ({ number }) => new StateEncoder(renamings[number]!, (token) => this.#nameOf(number, token)),
    )
  }

  #nameOf(symmetry: number, token: Token): string {
    return this.#names[symmetry]![token]!
  }

  capture(rank: Rank, journal: ScriptJournal, blobs: ReadonlyMap<string, Uint8Array>): Token {
    const content = { rank, journal, process: decodeProcess(blobs), mailbox: decodeMailbox(blobs) }
    const text = this.encoders[0]!.encode(content)
    const known = this.#tokens.get(text)
    if (known !== undefined) return known
    const token = this.#captured.length
    this.#tokens.set(text, token)
    this.#captured.push(freeze({ rank, journal: copyJournal(journal), blobs }))
    for (const [symmetry, encoder] of this.encoders.entries()) {
      this.#names[symmetry]!.push(nameOfHash(hashText(encoder.encode(content))))
    }
    return token
  }

  captured(token: Token): CapturedValue {
    const captured = this.#captured[token]
    assert(captured !== undefined && captured !== null, 'the memory was captured')
    return captured
  }
}

function nameOfHash({ low, high }: Hash): string {
  return `#${(low >>> 0).toString(36)}.${(high >>> 0).toString(36)}`
}

export function emptyJournal(): ScriptJournal {
  return { at: 0, sentIds: [], consumedIds: [], emittedIds: [] }
}

export function copyJournal({ at, sentIds, consumedIds, emittedIds }: ScriptJournal): ScriptJournal {
  return { at, sentIds: [...sentIds], consumedIds: [...consumedIds], emittedIds: [...emittedIds] }
}

/** Symmetric difference of two sets of tokens. */
export function xorTokens(left: readonly Token[], right: readonly Token[]): Token[] {
  const sum = new Set(left)
  for (const token of right) if (token !== zeros && !sum.delete(token)) sum.add(token)
  sum.delete(zeros)
  return [...sum].sort((one, other) => one - other)
}

/** Pages that stand for a set of tokens, in one batch; none for zeros. */
export function batchesOf(tokens: readonly Token[]): PageBatch[] {
  return tokens.length > 0 ? [{ numbers: tokens, bytes: new Uint8Array(0) }] : []
}

/** Checksums that a capture has. */
export function checksumsOf(token: Token): Uint8Array {
  return encodePayload(token)
}
