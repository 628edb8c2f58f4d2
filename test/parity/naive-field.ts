/** a times b over GF(2^8), bit by bit from the definition: the XOR of a shifted by b's bits, modulo 0x11d. */
export function naiveProduct(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit += 1) if ((b >> bit) & 1) product ^= a << bit
  for (let bit = 14; bit >= 8; bit -= 1) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8)
  return product
}

/** `coefficient` times each byte. */
export function scaled(bytes: Uint8Array, coefficient: number): Uint8Array {
  const row = Uint8Array.from({ length: 256 }, (_, byte) => naiveProduct(coefficient, byte))
  return bytes.map((byte) => row[byte]!)
}
