/**
 * The released outputs of a run, one record behind the other: whatever has left a process's memory must be found again
 * after the loss of everything. A checkpoint counts as much of the log as was there when its manifest was written. An output that
 * comes again, since everybody went back to an older checkpoint, stands in place of the earlier one.
 *
 *   record  length of the payload, CRC-32 of what follows, rank, index, kind (0 emit, 1 done, 2 log), payload
 */
import type { Rank } from '../base/index.ts'
import { crc32 } from './crc32.ts'
import { DamagedFileError } from './damaged-file.ts'
import type { FileInWriting, Folder } from './folder.ts'
import { SequentialFile } from './sequential-file.ts'

export interface LoggedOutput {
  readonly rank: Rank
  readonly index: number
  readonly kind: (typeof kinds)[number]
  readonly payload: Uint8Array
}

const headBytes = 20
const partBytes = 2 ** 20
const kinds = ['emit', 'done', 'log'] as const

/** The log of one run, in a file of its own. */
export class OutputLog {
  readonly name: string
  readonly #file: FileInWriting
  #waiting: Uint8Array[] = []
  #bytes = 0

  private constructor(name: string, file: FileInWriting) {
    this.name = name
    this.#file = file
  }

  static async create(folder: Folder, name: string): Promise<OutputLog> {
    return new OutputLog(name, await folder.create(name))
  }

  /** Takes an output in; it is on the disk after the next `sync`. */
  add(output: LoggedOutput): void {
    this.#waiting.push(encode(output))
  }

  /** Returns how many bytes of the log are on the disk now: all that was added before. One at a time. */
  async sync(): Promise<number> {
    const records = [...this.#waiting]
    let end = this.#bytes
    for (const part of joined(records)) {
      await this.#file.write(end, part)
      end += part.length
    }
    await this.#file.sync()
    // Not before: what a sync that failed should have made durable may be gone, and only writing it again brings it back.
    this.#waiting.splice(0, records.length)
    this.#bytes = end
    return end
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Small records together: a call for each would take longer than the disk. */
function* joined(records: readonly Uint8Array[]): Generator<Uint8Array> {
  for (let first = 0; first < records.length; ) {
    let [next, length] = [first, 0]
    while (next < records.length && (next === first || length + records[next]!.length <= partBytes)) {
      length += records[next]!.length
      next += 1
    }
    const part = new Uint8Array(length)
    let at = 0
    for (const record of records.slice(first, next)) {
      part.set(record, at)
      at += record.length
    }
    yield part
    first = next
  }
}

function encode({ rank, index, kind, payload }: LoggedOutput): Uint8Array {
  const bytes = new Uint8Array(headBytes + payload.length)
  const view = new DataView(bytes.buffer)
  bytes.set(payload, headBytes)
  view.setUint32(0, payload.length, true)
  view.setUint32(8, rank, true)
  view.setUint32(12, index, true)
  view.setUint32(16, kinds.indexOf(kind), true)
  view.setUint32(4, crc32(bytes.subarray(8)), true)
  return bytes
}

/** The outputs in the first `bytes` bytes of a log. Throws a `DamagedFileError`. */
export async function readOutputLog(
  folder: Folder,
  { name, bytes }: { readonly name: string; readonly bytes: number },
): Promise<LoggedOutput[]> {
  const outputs: LoggedOutput[] = []
  const file = new SequentialFile(folder, name)
  const take = (at: number, length: number): Promise<Uint8Array> => {
    // The log may be longer: what follows was released later.
    if (at + length > bytes) throw new DamagedFileError(name, 'it is cut off')
    return file.take(length)
  }
  for (let at = 0; at < bytes; ) {
    const head = viewOf(await take(at, 8))
    const bodyBytes = headBytes - 8 + head.getUint32(0, true)
    const body = await take(at + 8, bodyBytes)
    const fields = viewOf(body)
    const kind = kinds[fields.getUint32(8, true)]
    if (crc32(body) !== head.getUint32(4, true) || kind === undefined) {
      throw new DamagedFileError(name, 'an output does not have its checksum')
    }
    const payload = body.slice(headBytes - 8)
    outputs.push({ rank: fields.getUint32(0, true), index: fields.getUint32(4, true), kind, payload })
    at += 8 + bodyBytes
  }
  return outputs
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)
