/**
 * The manifest of one checkpoint: which files it consists of, and all that is needed to go on from them. It is written
 * last, so a checkpoint is whole if its manifest is there. One line of JSON, then a line with the CRC-32 of the first.
 */
import { crc32 } from 'node:zlib'
import { DamagedFileError } from './damaged-file.ts'
import type { FileFacts } from './page-file.ts'

/** What one process has on the disk. */
export interface StoredProcess {
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
  readonly processes: readonly StoredProcess[]
  /** The released outputs: the first `bytes` bytes of a log. */
  readonly outputs: { readonly name: string; readonly bytes: number }
  /** Program, sizes and options; what is in there is for whoever starts runs to know. */
  readonly run: Readonly<Record<string, unknown>>
}

/** Raised whenever files are written in another way. */
const format = 1

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

/** Throws a `DamagedFileError` that names the file and what is wrong with it. */
export function decodeManifest(name: string, bytes: Uint8Array): Manifest {
  const jsonBytes = bytes.subarray(0, bytes.indexOf(newline) + 1)
  const end = new TextDecoder('latin1').decode(bytes.subarray(jsonBytes.length))
  if (end !== `${hex(crc32(jsonBytes))}\n`) throw new DamagedFileError(name, 'it does not have its checksum')
  const value = JSON.parse(new TextDecoder().decode(jsonBytes)) as unknown
  if (!isRecord(value)) throw new DamagedFileError(name, 'it is no object')
  if (value.format !== format) {
    throw new DamagedFileError(name, `another version of Paritas has written it (format ${String(value.format)})`)
  }
  const wrong = Object.keys(checks).find((key) => !checks[key as keyof Manifest](value[key]))
  if (wrong !== undefined) throw new DamagedFileError(name, `its ${wrong} cannot be read`)
  return value as unknown as Manifest
}

const newline = 10
const hex = (checksum: number): string => checksum.toString(16).padStart(8, '0')

type Check = (value: unknown) => boolean

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
/** Never a path: a manifest speaks of its own folder only. */
const isName: Check = (value) => typeof value === 'string' && /^[\w-][\w.-]*$/.test(value)
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check)

const isPages: Check = (value) =>
  isRecord(value) && isName(value.name) && [value.bytes, value.checksum, value.checkpoint].every(isCount)
const isProcess: Check = (value) =>
  isRecord(value) && isListOf(isPages)(value.chain) && isCount(value.released) && typeof value.isFinished === 'boolean'
const isLog: Check = (value) => isRecord(value) && isName(value.name) && isCount(value.bytes)

const checks: { readonly [Key in keyof Manifest]: Check } = {
  sequence: isCount,
  checkpoint: isCount,
  pageSizeBytes: isCount,
  processes: isListOf(isProcess),
  outputs: isLog,
  run: isRecord,
}
