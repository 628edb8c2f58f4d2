/** What --input gave, beside the checkpoints: the check of the result needs it, long after the file may be gone. */
import { crc32, DamagedFileError, nodeFolder, verifyFile, writeWhole } from '../../checkpoint-files/index.ts'
import { inputConstructors } from '../../machine/index.ts'
import type { TypedArray } from '../../program/index.ts'
import { inputFileName } from './checkpoint-folder.ts'
import type { StoredInput } from './run-description.ts'

const partBytes = 4 * 2 ** 20

/** Writes the input, whole or not at all. Throws what the operating system says. */
export async function storeInput(path: string, input: TypedArray | null): Promise<StoredInput | null> {
  if (input === null) return null
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
  let checksum = 0
  await writeWhole(nodeFolder(path), inputFileName, async (file) => {
    for (let at = 0; at < bytes.length; at += partBytes) {
      const part = bytes.subarray(at, at + partBytes)
      await file.write(at, part)
      checksum = crc32(part, checksum)
    }
    return true
  })
  return { kind: input[Symbol.toStringTag], bytes: bytes.length, checksum }
}

/** Reads it back. Throws a `DamagedFileError`, or what the operating system says. */
export async function loadInput(path: string, stored: StoredInput | null): Promise<TypedArray | null> {
  if (stored === null) return null
  const folder = nodeFolder(path)
  const { kind, bytes, checksum } = stored
  await verifyFile(folder, { name: inputFileName, bytes, checksum })
  const content = await folder.read(inputFileName, 0, bytes)
  if (content.length !== bytes) throw new DamagedFileError(inputFileName, 'it is cut off')
  const array = inputConstructors[kind]
  const View = array as new (buffer: ArrayBufferLike, from: number, length: number) => TypedArray
  // No copy: it may fill half of the memory there is.
  return new View(content.buffer, content.byteOffset, bytes / array.BYTES_PER_ELEMENT)
}
