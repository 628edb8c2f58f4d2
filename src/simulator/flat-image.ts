/** Copies of whole memories, for the oracle: it shares no code with the kernels that make parity. */
import type { PageBatch } from '../parity/index.ts'

/** All pages one behind the other, in words. What lies behind the end is zero, so images of any length compare. */
export type FlatImage = Uint32Array

export const emptyImage: FlatImage = new Uint32Array(0)

/** The pages of `batches`, all below `pageEnd`. */
export function flatImage(pageEnd: number, batches: Iterable<PageBatch>): FlatImage {
  let image: Uint8Array | null = null
  for (const { numbers, bytes } of batches) {
    if (numbers.length === 0) continue
    const size = bytes.length / numbers.length
    image ??= new Uint8Array(pageEnd * size)
    for (let first = 0; first < numbers.length; ) {
      // Pages that follow each other are copied as one piece.
      let end = first + 1
      while (end < numbers.length && numbers[end] === numbers[end - 1]! + 1) end += 1
      image.set(bytes.subarray(first * size, end * size), numbers[first]! * size)
      first = end
    }
  }
  return image ? new Uint32Array(image.buffer) : emptyImage
}

/** sum + coefficient * image over GF(2^8); may change `sum`, which nobody uses any more. */
export function addFlat(sum: FlatImage, image: FlatImage, coefficient: number): FlatImage {
  if (coefficient === 0) return sum
  const longer = sum.length < image.length ? new Uint32Array(image.length) : sum
  if (longer !== sum) longer.set(sum)
  if (coefficient === 1) {
    for (let index = 0; index < image.length; index += 1) longer[index]! ^= image[index]!
    return longer
  }
  const [to, from] = [bytesOf(longer), bytesOf(image)]
  const products = productsOf(coefficient)
  for (let index = 0; index < from.length; index += 1) to[index]! ^= products[from[index]!]!
  return longer
}

export function sameImages(left: FlatImage, right: FlatImage): boolean {
  const [shorter, longer] = left.length < right.length ? [left, right] : [right, left]
  for (let index = 0; index < shorter.length; index += 1) if (shorter[index] !== longer[index]) return false
  for (let index = shorter.length; index < longer.length; index += 1) if (longer[index] !== 0) return false
  return true
}

const bytesOf = ({ buffer }: FlatImage): Uint8Array => new Uint8Array(buffer)

const products = new Map<number, Uint8Array>()

function productsOf(coefficient: number): Uint8Array {
  const known = products.get(coefficient) ?? Uint8Array.from({ length: 256 }, (_, byte) => product(coefficient, byte))
  products.set(coefficient, known)
  return known
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
