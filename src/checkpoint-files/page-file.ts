/**
 * The file that holds one processor's pages at one checkpoint: all that are not zero, or (an incremental one) those that
 * changed since the file before. A head of fixed size, records of up to some dozens of pages, each with a checksum of
 * its own, and an end record with the checksums that the memory had at its capture. Numbers are 32 bits, least byte first.
 *
 *   head    'paritas1', page size, checkpoint, CRC-32 of these
 *   record  count, CRC-32 of what follows, count page numbers, count pages
 *   end     0xffffffff, CRC-32 of what follows, length, checksums
 */
import type { Checksums, PageBatch } from '../parity/index.ts'
import { crc32 } from './crc32.ts'
import { DamagedFileError } from './damaged-file.ts'
import { type Folder, writeWhole } from './folder.ts'
import { readAheadBytes, SequentialFile } from './sequential-file.ts'

/** A file that is whole: its length and the CRC-32 of all its bytes. */
export interface FileFacts {
  readonly name: string
  readonly bytes: number
  readonly checksum: number
}

export interface PageFileHead {
  readonly checkpoint: number
  readonly pageSizeBytes: number
}

export interface PageFileContent extends PageFileHead {
  /** Taken one by one as they are written. */
  readonly batches: Iterable<PageBatch>
  readonly checksums: Checksums
  /** Asked before each batch. */
  readonly stop: () => boolean
}

const magic = Uint8Array.from('paritas1', (letter) => letter.charCodeAt(0))
const headBytes = magic.length + 12
const recordHeadBytes = 8
const endMark = 0xffff_ffff

/** A record with more pages is damaged, and not worth the memory. */
const pagesPerRecordMax = 4096
const pageSizeBytesMax = 65_536
const checksumBytesMax = 64 * 2 ** 20

/**
 * Writes the file, whole or not at all, and durable when this resolves. Null: `stop` has said to stop, and nothing is
 * left.
 */
export async function writePageFile(folder: Folder, name: string, content: PageFileContent): Promise<FileFacts | null> {
  let [bytes, checksum] = [0, 0]
  const isWhole = await writeWhole(folder, name, async (file) => {
    for (const part of parts(content)) {
      if (content.stop()) return false
      await file.write(bytes, part)
      bytes += part.length
      checksum = crc32(part, checksum)
    }
    return true
  })
  return isWhole ? { name, bytes, checksum } : null
}

function* parts({ checkpoint, pageSizeBytes, batches, checksums }: PageFileContent): Generator<Uint8Array> {
  yield head({ checkpoint, pageSizeBytes })
  for (const { numbers, bytes } of batches) {
    if (numbers.length === 0) continue
    yield record(numbers.length, new Uint8Array(Uint32Array.from(numbers).buffer), bytes)
  }
  yield record(endMark, new Uint8Array(Uint32Array.of(checksums.length).buffer), checksums)
}

function head({ checkpoint, pageSizeBytes }: PageFileHead): Uint8Array {
  const bytes = new Uint8Array(headBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  view.setUint32(magic.length, pageSizeBytes, true)
  view.setUint32(magic.length + 4, checkpoint, true)
  view.setUint32(headBytes - 4, crc32(bytes.subarray(0, headBytes - 4)), true)
  return bytes
}

function record(count: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(recordHeadBytes + first.length + second.length)
  bytes.set(first, recordHeadBytes)
  bytes.set(second, recordHeadBytes + first.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, count, true)
  view.setUint32(4, crc32(bytes.subarray(recordHeadBytes)), true)
  return bytes
}

/**
 * The pages of a file, in the order they were written in; returns the checksums at its end. Throws a `DamagedFileError`
 * at the first byte that cannot be right.
 */
export async function* readPageFile(
  folder: Folder,
  name: string,
  expected: PageFileHead,
): AsyncGenerator<PageBatch, Checksums> {
  const file = new SequentialFile(folder, name)
  checkHead(await file.take(headBytes), name, expected)
  for (;;) {
    const [count, checksum] = [...words(await file.take(recordHeadBytes))] as [number, number]
    if (count === endMark) return await readEnd(file, checksum)
    if (count === 0 || count > pagesPerRecordMax) throw new DamagedFileError(name, 'a record has no sound length')
    const body = await file.take(count * (4 + expected.pageSizeBytes))
    if (crc32(body) !== checksum) throw new DamagedFileError(name, 'a record does not have its checksum')
    const numbers = [...words(body.subarray(0, 4 * count))]
    if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!)) {
      throw new DamagedFileError(name, 'a record has its pages out of order')
    }
    yield { numbers, bytes: body.subarray(4 * count) }
  }
}

function checkHead(bytes: Uint8Array, name: string, expected: PageFileHead): void {
  const [pageSizeBytes, checkpoint, checksum] = [...words(bytes.subarray(magic.length))] as [number, number, number]
  const isOurs = magic.every((byte, index) => bytes[index] === byte)
  const isSound = isOurs && checksum === crc32(bytes.subarray(0, headBytes - 4)) && pageSizeBytes <= pageSizeBytesMax
  if (!isSound) throw new DamagedFileError(name, 'it does not begin as a file of pages does')
  if (pageSizeBytes !== expected.pageSizeBytes || checkpoint !== expected.checkpoint) {
    throw new DamagedFileError(name, `it holds checkpoint ${checkpoint} in pages of ${pageSizeBytes} bytes`)
  }
}

async function readEnd(file: SequentialFile, checksum: number): Promise<Checksums> {
  const lengthBytes = await file.take(4)
  const length = words(lengthBytes)[0]!
  if (length > checksumBytesMax || length % 8 !== 0)
    throw new DamagedFileError(file.name, 'its end has no sound length')
  const sums = await file.take(length)
  if (crc32(sums, crc32(lengthBytes)) !== checksum) {
    throw new DamagedFileError(file.name, 'its end does not have its checksum')
  }
  return sums
}

function words(bytes: Uint8Array): Uint32Array {
  // A copy begins where 32-bit words may begin.
  return new Uint32Array(bytes.slice().buffer)
}

/** Throws a `DamagedFileError` unless the file has exactly these bytes. */
export async function verifyFile(folder: Folder, { name, bytes, checksum }: FileFacts): Promise<void> {
  let [length, sum] = [0, 0]
  for (;;) {
    const part = await folder.read(name, length, readAheadBytes)
    if (part.length === 0) break
    length += part.length
    sum = crc32(part, sum)
    if (length > bytes) break
  }
  if (length !== bytes) throw new DamagedFileError(name, `it has ${length} bytes and not ${bytes}`)
  if (sum !== checksum) throw new DamagedFileError(name, 'it does not have its checksum')
}
