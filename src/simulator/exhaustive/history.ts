import { assert, unreachable } from '../../base/index.ts'
import { grown } from './grown.ts'
import type { StateMove } from './move.ts'

/** How each state was reached first: 8 bytes a state. */
export class ReachHistory {
  #parents = new Uint32Array(2 ** 12)
  #moves = new Uint32Array(2 ** 12)
  #count = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#parents.byteLength + this.#moves.byteLength
  }

  /** Adds the next state: `move` led to it from the state numbered `parent`; null at the start, and for a mere delay. */
  add(parent: number, move: StateMove | null): void {
    if (this.#count === this.#parents.length) {
      this.#parents = grown(this.#parents)
      this.#moves = grown(this.#moves)
    }
    this.#parents[this.#count] = parent
    this.#moves[this.#count] = move ? encodeMove(move) : noMove
    this.#count += 1
  }

  /** The moves from the start to a state. */
  movesTo(state: number): StateMove[] {
    const moves: StateMove[] = []
    for (let at = state; at !== 0; at = this.#parents[at]!) {
      const code = this.#moves[at]!
      if (code !== noMove) moves.push(decodeMove(code))
    }
    return moves.reverse()
  }
}

/** Of no kind that there is. */
const noMove = 2 ** 32 - 1
const kinds = ['deliver', 'own', 'crash', 'suspect', 'hear', 'cutPower'] as const
const kindBits = 3
const endBits = 4
const lengthBits = 3
const endsMax = 8

/** A move in 32 bits: its kind, a processor, and what goes with it. */
function encodeMove(move: StateMove): number {
  switch (move.type) {
    case 'deliver':
      return pack(move, move.from, move.to)
    case 'own':
      return pack(move, move.processor, move.event)
    case 'crash': {
      assert(move.surviving.length <= endsMax, 'a crash can be written down')
      let lengths = 0
      for (const [end, length] of move.surviving.entries()) {
        assert(length < 2 ** lengthBits, 'a crash can be written down')
        lengths |= length << (end * lengthBits)
      }
      return pack(move, move.processor, lengths)
    }
    case 'suspect':
    case 'hear':
      return pack(move, move.processor, 0)
    case 'cutPower':
      return pack(move, 0, move.outcome)
    default:
      return unreachable(move)
  }
}

function pack({ type }: StateMove, end: number, more: number): number {
  return (more * 2 ** endBits + end) * 2 ** kindBits + kinds.indexOf(type)
}

function decodeMove(code: number): StateMove {
  const kind = kinds[code % 2 ** kindBits]!
  const end = Math.floor(code / 2 ** kindBits) % 2 ** endBits
  const more = Math.floor(code / 2 ** (kindBits + endBits))
  switch (kind) {
    case 'deliver':
      return { type: 'deliver', from: end, to: more }
    case 'own':
      return { type: 'own', processor: end, event: more }
    case 'crash': {
      const surviving = Array.from({ length: endsMax }, (_, one) => (more >>> (one * lengthBits)) % 2 ** lengthBits)
      return { type: 'crash', processor: end, surviving }
    }
    case 'suspect':
    case 'hear':
      return { type: kind, processor: end }
    case 'cutPower':
      return { type: 'cutPower', outcome: more }
    default:
      return unreachable(kind)
  }
}
