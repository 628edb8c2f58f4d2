/** Node's own, which is loaded only where files are read or written: most runs have none. */
export function crc32(data: Uint8Array | string, value = 0): number {
  return process.getBuiltinModule('node:zlib').crc32(data, value)
}
