/** Copies of whole memories, for the oracle: it shares no code with the kernels that make parity. */
import type { PageBatch } from '../../parity/index.ts'

/** The pages of a memory that are not zero, by ascending number, and their content one behind the other. */
export interface MemoryPages {
  readonly numbers: readonly number[]
  readonly words: Uint32Array
}

export const noPages: MemoryPages = { numbers: [], words: new Uint32Array(0) }

/** `batches`: pages by ascending number, each of them not zero. Mostly it is one batch, which is taken as it is. */
export function memoryPages(batches: Iterable<PageBatch>): MemoryPages {
  let pages = noPages
  for (const { numbers, bytes } of batches) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    pages = pages.numbers.length === 0 ? { numbers, words } : joined(pages, { numbers, words })
  }
  return pages
}

function joined(first: MemoryPages, second: MemoryPages): MemoryPages {
  const words = new Uint32Array(first.words.length + second.words.length)
  words.set(first.words)
  words.set(second.words, first.words.length)
  return { numbers: [...first.numbers, ...second.numbers], words }
}

export function samePages(left: MemoryPages, right: MemoryPages): boolean {
  const [{ numbers, words }, { numbers: others, words: otherWords }] = [left, right]
  if (numbers.length !== others.length || words.length !== otherWords.length) return false
  for (let at = 0; at < numbers.length; at += 1) if (numbers[at] !== others[at]) return false
  for (let at = 0; at < words.length; at += 1) if (words[at] !== otherWords[at]) return false
  return true
}

/** Sums of memories over GF(2^8), each times a coefficient. What lies behind the end is zero. */
export class PagesSum {
  #words = new Uint32Array(0)
  #end = 0

  clear(): void {
    this.#words.fill(0, 0, this.#end)
    this.#end = 0
  }

  /** sum += coefficient * memory. */
  add({ numbers, words }: MemoryPages, coefficient: number): void {
    if (coefficient === 0 || numbers.length === 0) return
    const size = words.length / numbers.length
    this.#reach((numbers.at(-1)! + 1) * size)
    const sum = this.#words
    for (let page = 0; page < numbers.length; page += 1) {
      const [to, from] = [numbers[page]! * size, page * size]
      if (coefficient === 1) for (let at = 0; at < size; at += 1) sum[to + at]! ^= words[from + at]!
      else for (let at = 0; at < size; at += 1) sum[to + at]! ^= times(coefficient, words[from + at]!)
    }
  }

  /** Whether these pages are the sum. */
  equals({ numbers, words }: MemoryPages): boolean {
    const size = words.length / numbers.length
    let next = 0
    for (let page = 0; page < numbers.length; page += 1) {
      const start = numbers[page]! * size
      if (start + size > this.#words.length || !this.#isZero(next, start)) return false
      for (let at = 0; at < size; at += 1) if (this.#words[start + at] !== words[page * size + at]) return false
      next = start + size
    }
    return this.#isZero(next, this.#end)
  }

  #isZero(from: number, to: number): boolean {
    for (let at = from; at < to; at += 1) if (this.#words[at] !== 0) return false
    return true
  }

  #reach(end: number): void {
    if (end > this.#words.length) {
      const larger = new Uint32Array(2 * end)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#end = Math.max(this.#end, end)
  }
}

/** The product of a coefficient with each of the four bytes of a word. */
function times(coefficient: number, word: number): number {
  const products = productsOf(coefficient)
  return (
    products[word & 0xff]! |
    (products[(word >>> 8) & 0xff]! << 8) |
    (products[(word >>> 16) & 0xff]! << 16) |
    (products[word >>> 24]! << 24)
  )
}

const known: Uint8Array[] = []

function productsOf(coefficient: number): Uint8Array {
  known[coefficient] ??= Uint8Array.from({ length: 256 }, (_, byte) => product(coefficient, byte))
  return known[coefficient]
}

/** In GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1, bit by bit. */
function product(left: number, right: number): number {
  let sum = 0
  let shifted = right
  for (let bits = left; bits > 0; bits >>= 1) {
    if (bits & 1) sum ^= shifted
    shifted = (shifted << 1) ^ (shifted & 0x80 ? 0x11d : 0)
  }
  return sum
}
