/** Memories and parities of which only symbols are known, in a processor's value. */
import { assert } from '../../base/index.ts'
import type { ChainShare, MemoryContent, MemoryPort, MemoryWork, ParityPort, Restorable } from '../../carrier/index.ts'
import type { PageBatch } from '../../parity/index.ts'
import type { FilePart } from '../disk/folder.ts'
import { idOf } from '../oracle/journal.ts'
import {
  batchesOf,
  type CapturedValue,
  type Checkpoints,
  checksumsOf,
  copyJournal,
  emptyJournal,
  type Token,
  xorTokens,
  zeros,
} from './checkpoints.ts'
import type { ApplicationNode, CheckNode } from './node.ts'

/** A batch is all that a memory has. */
export const pagesPerPart = 1

const pageEndOf = (tokens: readonly Token[]): number => (tokens.length > 0 ? pagesPerPart : 0)

function sumOf(coefficient: number, incoming: PageBatch, tokens: readonly Token[]): PageBatch {
  assert(coefficient === 1, 'memory in the abstract is summed up plainly')
  return { numbers: xorTokens(incoming.numbers, tokens), bytes: incoming.bytes }
}

/** A file that holds all of a captured memory. */
export function filePartsOf(tokens: readonly Token[]): FilePart[] {
  const pages = batchesOf(tokens).map((batch): FilePart => ({ type: 'pages', batch }))
  return [...pages, { type: 'end', checksums: checksumsOf(tokens[0] ?? zeros) }]
}

export class SymbolicMemory implements MemoryPort, MemoryContent, Restorable {
  readonly content = this
  readonly #node: ApplicationNode
  readonly #checkpoints: Checkpoints

  constructor(node: ApplicationNode, checkpoints: Checkpoints) {
    this.#node = node
    this.#checkpoints = checkpoints
  }

  capture(checkpoint: number, blobs: ReadonlyMap<string, Uint8Array>): void {
    const { kept, journal, state, work, stepping } = this.#node
    assert(work.length === 0 && !stepping, 'a capture falls between steps, on a whole memory')
    kept.push({ number: checkpoint, tokens: [this.#checkpoints.capture(state.options.rank, journal, blobs)] })
  }

  recycle(checkpoint: number): void {
    this.#node.kept = this.#node.kept.filter(({ number }) => number >= checkpoint)
  }

  put(work: MemoryWork): void {
    this.#node.work.push(work)
  }

  *delta(): Generator<PageBatch> {
    const [before, captured] = this.#node.kept.slice(-2)
    assert(before !== undefined && captured !== undefined, 'a delta is shipped while both its checkpoints are kept')
    yield* batchesOf(xorTokens(before.tokens, captured.tokens))
  }

  checksums(checkpoint: number): Uint8Array {
    return checksumsOf(this.tokensAt(checkpoint)[0] ?? zeros)
  }

  chainShare(checkpoint: number): ChainShare {
    const tokens = this.tokensAt(checkpoint)
    return { pageEnd: pageEndOf(tokens), add: (coefficient, incoming) => sumOf(coefficient, incoming, tokens) }
  }

  restore(checkpoint: number): void {
    this.#become(checkpoint, this.tokensAt(checkpoint))
  }

  clear(): void {
    this.#node.absorbed.tokens = []
  }

  absorb({ numbers }: PageBatch): void {
    const { absorbed } = this.#node
    absorbed.tokens = xorTokens(absorbed.tokens, numbers)
  }

  /** Like the machine, takes what was rebuilt only if it has the checksums of the capture. */
  adopt(checkpoint: number, checksums: Uint8Array | null): readonly number[] {
    const { tokens } = this.#node.absorbed
    const expected = checksums === null ? zeros : idOf(checksums)
    if (tokens.length > 1 || (tokens[0] ?? zeros) !== expected) return [0]
    this.#become(checkpoint, tokens)
    return []
  }

  blobs(): ReadonlyMap<string, Uint8Array> {
    return this.#capturedAs(this.#node.kept[0]!.tokens)?.blobs ?? new Map()
  }

  tokensAt(checkpoint: number): readonly Token[] {
    const kept = this.#node.kept.find(({ number }) => number === checkpoint)
    assert(kept !== undefined, `checkpoint ${checkpoint} is kept`)
    return kept.tokens
  }

  #become(checkpoint: number, tokens: readonly Token[]): void {
    const captured = this.#capturedAs(tokens)
    this.#node.journal = captured ? copyJournal(captured.journal) : emptyJournal()
    this.#node.kept = [{ number: checkpoint, tokens }]
  }

  #capturedAs([token]: readonly Token[]): CapturedValue | null {
    return token === undefined ? null : this.#checkpoints.captured(token)
  }
}

export class SymbolicParity implements ParityPort {
  readonly #node: CheckNode

  constructor(node: CheckNode) {
    this.#node = node
  }

  stage({ numbers }: PageBatch): void {
    const { staged } = this.#node
    staged.tokens = xorTokens(staged.tokens, numbers)
  }

  applyStaged(): void {
    const { store, staged } = this.#node
    store.tokens = xorTokens(store.tokens, staged.tokens)
    staged.tokens = []
  }

  dropStaged(): void {
    this.#node.staged.tokens = []
  }

  *staged(): Generator<PageBatch> {
    yield* batchesOf(this.#node.staged.tokens)
  }

  get pageEnd(): number {
    return pageEndOf(this.#node.store.tokens)
  }

  addPages(coefficient: number, incoming: PageBatch): PageBatch {
    return sumOf(coefficient, incoming, this.#node.store.tokens)
  }

  clear(): void {
    this.#node.store.tokens = []
    this.#node.staged.tokens = []
  }

  absorb({ numbers }: PageBatch): void {
    const { store } = this.#node
    store.tokens = xorTokens(store.tokens, numbers)
  }
}
