/**
 * The manifest of one checkpoint: which files it consists of, and all that is needed to go on from them. It is written
 * last, so a checkpoint is whole if its manifest is there. One line of JSON, then a line with the CRC-32 of the first.
 */
import { count, describeValue, flag, isRecord, object, objectOf, someOf, when } from '../base/index.ts'
import { crc32 } from './crc32.ts'
import { DamagedFileError, OtherFormatError } from './damaged-file.ts'
import type { FileFacts } from './page-file.ts'

/** What one process has on the disk. */
export interface ManifestProcess {
  /** A full file and what changed after it, oldest first. */
  readonly chain: readonly StoredPages[]
  /** Outputs with lower numbers had been released; the others lie in its memory. */
  readonly released: number
  /** Its result had been released. */
  readonly isFinished: boolean
}

export interface StoredPages extends FileFacts {
  readonly checkpoint: number
}

export interface Manifest {
  /** Of one folder, each checkpoint has a higher one than those before, whatever its own number. */
  readonly sequence: number
  readonly checkpoint: number
  readonly pageSizeBytes: number
  readonly processes: readonly ManifestProcess[]
  /** The released outputs: the first `bytes` bytes of a log. */
  readonly outputs: { readonly name: string; readonly bytes: number }
  /** Program, sizes and options; what is in there is for whoever starts runs to know. */
  readonly run: Readonly<Record<string, unknown>>
}

/** Raised whenever any file of a checkpoint is written in another way, or the values in a process's memory are. */
const format = 2

export function manifestName(sequence: number): string {
  return `checkpoint-${String(sequence).padStart(8, '0')}.json`
}

/** The number in the name of a manifest; null if it is none. */
export function sequenceOf(name: string): number | null {
  const [, digits] = /^checkpoint-(\d{8,15})\.json$/.exec(name) ?? []
  return digits === undefined ? null : Number(digits)
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const json = new TextEncoder().encode(`${JSON.stringify({ format, ...manifest })}\n`)
  const end = new TextEncoder().encode(`${hex(crc32(json))}\n`)
  const bytes = new Uint8Array(json.length + end.length)
  bytes.set(json)
  bytes.set(end, json.length)
  return bytes
}

/** Throws a `DamagedFileError` that names the file and what is wrong with it, or an `OtherFormatError`. */
export function decodeManifest(name: string, bytes: Uint8Array): Manifest {
  const jsonBytes = bytes.subarray(0, bytes.indexOf(newline) + 1)
  const end = new TextDecoder('latin1').decode(bytes.subarray(jsonBytes.length))
  if (end !== `${hex(crc32(jsonBytes))}\n`) throw new DamagedFileError(name, 'it does not have its checksum')
  const value = JSON.parse(new TextDecoder().decode(jsonBytes)) as unknown
  if (!isRecord(value)) throw new DamagedFileError(name, 'it is no object')
  if (value.format !== format) {
    const formats = `of format ${describeValue(value.format)}, and this version of Paritas reads format ${format}`
    throw new OtherFormatError(`${name} is ${formats}; go on with the version that wrote it, or choose another folder`)
  }
  const problem = manifest(value)
  if (problem !== null) throw new DamagedFileError(name, `its ${problem.slice(1)}`)
  return value as unknown as Manifest
}

const newline = 10
const hex = (checksum: number): string => checksum.toString(16).padStart(8, '0')

/** Never a path: a manifest speaks of its own folder only. */
const name = when('a name', (value) => typeof value === 'string' && /^[\w-][\w.-]*$/.test(value))

const pages = objectOf<StoredPages>({ name, bytes: count, checksum: count, checkpoint: count })
const stored = objectOf<ManifestProcess>({ chain: someOf(pages), released: count, isFinished: flag })
const manifest = objectOf<Manifest>({
  sequence: count,
  checkpoint: count,
  pageSizeBytes: count,
  processes: someOf(stored),
  outputs: objectOf<Manifest['outputs']>({ name, bytes: count }),
  run: object,
})
