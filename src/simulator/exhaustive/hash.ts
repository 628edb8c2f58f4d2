/**
 * 64-bit hashes as two halves of 32 bits, not cryptographic.
 *
 * The hash of a state is the XOR of one hash for each of its slots, which comes from the slot's number and the hash of
 * what is in it; so a successor's hash costs only the slots that differ. With n states the odds that any two of them
 * share a hash, and one is wrongly taken as seen, are about n^2 / 2^65: 3 in 100 million for a million states.
 */

/** Two halves, each a 32-bit whole number. */
export interface Hash {
  readonly low: number
  readonly high: number
}

/** Hash of a text (two multiplicative hashes with different constants, each finished as in MurmurHash3). */
export function hashText(text: string): Hash {
  let low = 0x9e3779b9
  let high = 0x7f4a7c15
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 13
    high = Math.imul(high + code, 0xc2b2ae35)
    high ^= high >>> 15
  }
  return { low: finish(low), high: finish(high ^ 0x2545f491) }
}

/** The low half of what a slot adds to the hash of its state. */
export function slotLow(slot: number, low: number, high: number): number {
  return finish(Math.imul(low ^ Math.imul(slot + 1, 0x9e3779b1), 0x85ebca6b) + high)
}

export function slotHigh(slot: number, low: number, high: number): number {
  return finish(Math.imul(high ^ Math.imul(slot + 1, 0x27d4eb2f), 0xc2b2ae35) ^ low)
}

function finish(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
