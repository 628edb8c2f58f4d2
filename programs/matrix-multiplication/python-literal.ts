// Literals of Python: the header of a NumPy file is one.
import { UsageError } from 'paritas'
import { inShort } from '../numbers/read-number.ts'

/** None is null, whole numbers are bigints, dictionaries are maps, lists and tuples are arrays. */
export type Literal = string | bigint | boolean | null | readonly Literal[] | ReadonlyMap<Literal, Literal>

/** What is nested deeper describes no array. */
const depthMax = 50

const space = /(?:[ \t\f\r\n]+|#.*|\\\r?\n)*/y
const name = /(?:True|False|None)(?!\w)/y
const text = /u?(?:'([^'\\\n]*(?:\\[\s\S][^'\\\n]*)*)'|"([^"\\\n]*(?:\\[\s\S][^"\\\n]*)*)")/iy
const integer = /([+-]?)(0x[\da-f]+|0o[0-7]+|0b[01]+|0+|[1-9](?:_?\d)*)l?(?![\w.])/iy

const named: Readonly<Record<string, Literal>> = { True: true, False: false, None: null }
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Reads one literal and nothing behind it. Throws a `UsageError` that begins with `where`, and quotes what is wrong. */
export function readLiteral(source: string, where: string): Literal {
  const reader = new LiteralReader(source, where)
  const value = reader.literal(0)
  return reader.isAtEnd() ? value : reader.fail()
}

class LiteralReader {
  readonly #source: string
  readonly #where: string
  #at = 0

  constructor(source: string, where: string) {
    this.#source = source
    this.#where = where
  }

  isAtEnd(): boolean {
    this.#take(space)
    return this.#at === this.#source.length
  }

  fail(): never {
    const rest = inShort(this.#source.slice(this.#at).replace(/\s+/g, ' ').trim())
    throw new UsageError(`${this.#where}: the header is no literal of Python: it goes wrong at '${rest}'`)
  }

  literal(depth: number): Literal {
    this.#take(space)
    const open = this.#source[this.#at] ?? ''
    if (Object.hasOwn(closing, open)) return depth < depthMax ? this.#collection(open, depth + 1) : this.fail()
    const texts = this.#texts()
    if (texts !== null) return texts
    const [constant] = this.#take(name) ?? []
    if (constant !== undefined) return named[constant]!
    const [, sign, digits] = this.#take(integer) ?? this.fail()
    return BigInt(digits!.replaceAll('_', '')) * (sign === '-' ? -1n : 1n)
  }

  /** Texts that follow one another are one. */
  #texts(): string | null {
    let joined: string | null = null
    for (let match = this.#take(text); match !== null; match = this.#take(text)) {
      joined = (joined ?? '') + unescaped(match[1] ?? match[2]!)
      this.#take(space)
    }
    return joined
  }

  #collection(open: string, depth: number): Literal {
    this.#at += 1
    const items: Literal[] = []
    const pairs = new Map<Literal, Literal>()
    let hasComma = false
    while (!this.#takeSign(closing[open]!)) {
      if (items.length > 0 && !hasComma) this.fail()
      const item = this.literal(depth)
      items.push(item)
      if (open === '{') pairs.set(item, this.#takeSign(':') ? this.literal(depth) : this.fail())
      hasComma = this.#takeSign(',')
    }
    if (open === '{') return pairs
    // Brackets round one thing without a comma make no tuple.
    return open === '(' && items.length === 1 && !hasComma ? items[0]! : items
  }

  #takeSign(sign: string): boolean {
    this.#take(space)
    const isThere = this.#source[this.#at] === sign
    if (isThere) this.#at += 1
    return isThere
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match !== null) this.#at = pattern.lastIndex
    return match
  }
}

const letters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\n': '' }

function unescaped(body: string): string {
  return body.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|([\s\S]))/gi, (_, byte, unit, letter) =>
    letter === undefined ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (letters[letter] ?? letter),
  )
}
