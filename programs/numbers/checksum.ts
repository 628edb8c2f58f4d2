/** FNV-1a over the 32-bit words of `values`, going on from `checksum`, which is 0 at the beginning. */
export function checksumOf(values: Float64Array, checksum = 0): number {
  let hash = checksum === 0 ? 0x811c9dc5 : checksum
  for (const word of new Uint32Array(values.buffer, values.byteOffset, values.length * 2)) {
    hash = Math.imul(hash ^ word, 0x01000193)
  }
  return hash >>> 0
}

/** In 8 digits, as results show it. */
export function printChecksum(checksum: number): string {
  return checksum.toString(16).padStart(8, '0')
}
