import { fc } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { ProtectedMemory } from '../../src/memory/index.ts'
import type { PageBatch } from '../../src/parity/index.ts'

export type Blobs = ReadonlyMap<string, Uint8Array>

/** What can happen to a memory. A step that its contract forbids at that moment is left out. */
export type Action =
  | { readonly type: 'write'; readonly at: number; readonly length: number; readonly fill: number }
  | { readonly type: 'capture'; readonly blobs: Blobs; readonly keepsKeys: number }
  | { readonly type: 'recycle' }
  | { readonly type: 'undo'; readonly back: 0 | 1 }

const blobArbitrary = fc
  .tuple(fc.nat(255), fc.oneof(fc.nat(40), fc.nat(20_000)))
  .map(([fill, length]) => Uint8Array.from({ length }, (_, i) => fill + i))

const blobsArbitrary = fc.dictionary(fc.constantFrom('a', 'b', 'state', 'sent/1/0', 'ключ'), blobArbitrary, {
  maxKeys: 4,
  noNullPrototype: true,
})

export function actionsArbitrary(programBytes: number): fc.Arbitrary<Action[]> {
  const write = fc.record({
    type: fc.constant('write' as const),
    at: fc.nat(programBytes - 1),
    length: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: programBytes })),
    fill: fc.nat(255),
  })
  const capture = fc.record({
    type: fc.constant('capture' as const),
    blobs: blobsArbitrary.map((blobs) => new Map(Object.entries(blobs))),
    keepsKeys: fc.nat(3),
  })
  const undo = fc.record({ type: fc.constant('undo' as const), back: fc.constantFrom(0 as const, 1 as const) })
  const action = fc.oneof(
    { weight: 4, arbitrary: write },
    { weight: 3, arbitrary: capture },
    { weight: 2, arbitrary: fc.constant({ type: 'recycle' as const }) },
    { weight: 2, arbitrary: undo },
  )
  return fc.array(action, { maxLength: 25 })
}

interface Snapshot {
  readonly number: number
  readonly program: Uint8Array
  readonly blobs: Blobs
}

/** What a memory should hold: plain copies of everything, beside the memory itself. */
export class Model {
  readonly #memory: ProtectedMemory
  readonly #programBytes: number
  #kept: Snapshot[]
  #live: Uint8Array

  constructor(memory: ProtectedMemory, programBytes: number) {
    this.#memory = memory
    this.#programBytes = programBytes
    this.#live = new Uint8Array(programBytes)
    this.#kept = [{ number: 0, program: this.#live, blobs: new Map() }]
  }

  get kept(): readonly Snapshot[] {
    return this.#kept
  }

  get newest(): Snapshot {
    return this.#kept.at(-1)!
  }

  apply(action: Action): void {
    switch (action.type) {
      case 'write': {
        const end = Math.min(this.#programBytes, action.at + action.length)
        programOf(this.#memory, this.#programBytes).fill(action.fill, action.at, end)
        this.#live = this.#live.slice().fill(action.fill, action.at, end)
        return
      }
      case 'capture':
        if (this.#kept.length === 1) this.#capture(action.blobs, action.keepsKeys)
        return
      case 'recycle':
        this.#memory.recycle(this.newest.number)
        this.#kept = [this.newest]
        return
      case 'undo': {
        const target = this.#kept.at(-1 - action.back) ?? this.newest
        this.#memory.restore(target.number)
        this.#kept = [target]
        this.#live = target.program
      }
    }
  }

  /** The memory must hold what the model holds. */
  check(): void {
    expect(this.#memory.kept).toEqual(this.#kept.map(({ number }) => number))
    expect(this.#memory.captured).toBe(this.newest.number)
    expectBytes(programOf(this.#memory, this.#programBytes), this.#live)
    expectBlobs(this.#memory.blobs(), this.newest.blobs)
  }

  /** Some blobs come again as the same objects, as the messages in a log do. */
  #capture(fresh: Blobs, keepsKeys: number): void {
    const again = [...this.newest.blobs].slice(0, keepsKeys)
    const blobs = new Map([...fresh, ...again])
    const number = this.newest.number + 1
    this.#memory.capture(number, blobs)
    this.#kept = [this.newest, { number, program: this.#live, blobs }]
  }
}

/** The program's part. */
export function programOf(memory: ProtectedMemory, programBytes: number): Uint8Array {
  return new Uint8Array(memory.buffer, memory.programOffset, programBytes)
}

/** Like `toEqual`, but fast, and short when it fails. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (actual.length !== expected.length) expect(`${actual.length} bytes`).toBe(`${expected.length} bytes`)
  if (Buffer.compare(viewOf(actual), viewOf(expected)) === 0) return
  const at = actual.findIndex((byte, i) => byte !== expected[i])
  expect(`byte ${at} is ${actual[at]}`).toBe(`byte ${at} is ${expected[at]}`)
}

/** The same pages in the same order, with the same bytes. */
export function expectPages(actual: ReadonlyMap<number, Uint8Array>, expected: ReadonlyMap<number, Uint8Array>): void {
  expect([...actual.keys()]).toEqual([...expected.keys()])
  for (const [page, bytes] of expected) expectBytes(actual.get(page)!, bytes)
}

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length)

export function expectBlobs(actual: Blobs, expected: Blobs): void {
  expect([...actual.keys()]).toEqual([...expected.keys()])
  for (const [key, bytes] of expected) expectBytes(actual.get(key)!, bytes)
}

/** Pages by number, of batches. */
export function pagesOf(batches: Iterable<PageBatch>, pageSizeBytes: number): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>()
  for (const { numbers, bytes } of batches) {
    numbers.forEach((page, i) => {
      if (pages.has(page)) expect(`page ${page} comes twice`).toBe('once')
      pages.set(page, bytes.slice(i * pageSizeBytes, (i + 1) * pageSizeBytes))
    })
  }
  return pages
}

export function isZero(bytes: Uint8Array): boolean {
  return viewOf(bytes).equals(new Uint8Array(bytes.length))
}

/** left XOR right, without the pages that are zero. */
export function xorPages(left: Map<number, Uint8Array>, right: Map<number, Uint8Array>): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>()
  for (const page of [...new Set([...left.keys(), ...right.keys()])].sort((a, b) => a - b)) {
    const [a, b] = [left.get(page), right.get(page)]
    const bytes = (a ?? b)!.slice()
    if (a && b) for (let i = 0; i < bytes.length; i += 1) bytes[i]! ^= b[i]!
    if (!isZero(bytes)) pages.set(page, bytes)
  }
  return pages
}
