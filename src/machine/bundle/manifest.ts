/**
 * What a bundle consists of. The SHA-256 of the manifest is the digest that the bundle goes by, and the manifest names the
 * SHA-256 of each file: so whoever has the digest can tell whether every byte is right. There is one way to write a
 * manifest, and any other one is refused.
 */
import { createHash } from 'node:crypto'
import { attempt, count, isCount, listOf, objectOf, oneOf, problemWith, text, when } from '../../base/index.ts'

/** A file beside the others, without folders. */
export interface BundleFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** Of Paritas: what a program was bundled for, and what an installation offers. */
export interface ProgramApi {
  /** Of the package. */
  readonly version: string
  readonly api: number
}

export interface BundleManifest {
  readonly format: typeof bundleFormat
  /** The program's name. */
  readonly program: string
  readonly paritas: ProgramApi
  /** In the order of their names. */
  readonly files: readonly BundleFile[]
}

/** Raised when a manifest says something else, or files mean something else. */
const bundleFormat = 1
/** The module that a thread imports, and the source map that it names. */
export const moduleName = 'program.mjs'

/** So much a bundle may take on a host. */
export const bundleLimits = { bytesMax: 256 * 2 ** 20, filesMax: 1000, manifestBytesMax: 256 * 1024 } as const

/** Bytes that are not those of the bundle that was wanted: damaged, cut off, or made up. One line. */
export class BundleError extends Error {
  override name = 'BundleError'
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{64}$/.test(value)
}

export const digestCheck = when('a SHA-256', isDigest)

const fileName = when(
  'the name of a file',
  (value) => typeof value === 'string' && /^[a-z\d_][a-z\d._-]{0,99}$/.test(value) && value !== manifestName,
)
/** Where a bundle lies on a disk. */
export const manifestName = 'manifest.json'

const length = when('a number of bytes', (value) => isCount(value) && value > 0)

const manifestCheck = objectOf<BundleManifest>({
  format: oneOf([bundleFormat]),
  program: text,
  paritas: objectOf<ProgramApi>({ version: text, api: count }),
  files: listOf(objectOf<BundleFile>({ name: fileName, bytes: length, sha256: digestCheck })),
})

export function makeManifest(
  about: Pick<BundleManifest, 'program' | 'paritas'>,
  files: readonly BundleFile[],
): Uint8Array {
  const inOrder = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  return encode({ format: bundleFormat, ...about, files: inOrder })
}

function encode({ format, program, paritas, files }: BundleManifest): Uint8Array {
  const { version, api } = paritas
  const plain = files.map(({ name, bytes, sha256: digest }) => ({ name, bytes, sha256: digest }))
  return Buffer.from(JSON.stringify({ format, program, paritas: { version, api }, files: plain }))
}

/** Throws a `BundleError` unless it is the manifest of that digest, and one that can be used. */
export function readManifest(digest: string, bytes: Uint8Array): BundleManifest {
  const what = `the manifest of program bundle ${shortDigest(digest)}`
  if (bytes.length > bundleLimits.manifestBytesMax) throw new BundleError(`${what} is ${bytes.length} bytes long`)
  if (sha256(bytes) !== digest) throw new BundleError(`${what} is damaged: its SHA-256 is another one`)
  const value = parsed(bytes)
  const problem = problemWith(what, value, manifestCheck) ?? problemAmong(value as BundleManifest, bytes)
  if (problem !== null) throw new BundleError(problem.startsWith(what) ? problem : `${what} ${problem}`)
  return value as BundleManifest
}

/** What cannot be told by looking at each field by itself. */
function problemAmong(manifest: BundleManifest, bytes: Uint8Array): string | null {
  const { files } = manifest
  if (files.length > bundleLimits.filesMax) return `names ${files.length} files: there may be ${bundleLimits.filesMax}`
  const names = files.map(({ name }) => name)
  if (names.some((name, index) => index > 0 && name <= names[index - 1]!)) return 'has its files out of order'
  if (!names.includes(moduleName)) return `names no ${moduleName}`
  const total = bytesOf(manifest)
  if (total > bundleLimits.bytesMax) return `tells of ${total} bytes: there may be ${bundleLimits.bytesMax}`
  return Buffer.compare(encode(manifest), bytes) === 0 ? null : 'is not written as manifests are'
}

export function bytesOf({ files }: Pick<BundleManifest, 'files'>): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Enough of a digest for people to tell bundles apart. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12)
}

function parsed(bytes: Uint8Array): unknown {
  return attempt((): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), undefined)
}
