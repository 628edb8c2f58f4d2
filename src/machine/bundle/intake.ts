import { createHash, type Hash } from 'node:crypto'
import { BundleError, type BundleManifest, isDigest, manifestName, readManifest, shortDigest } from './manifest.ts'
import type { BundlePart } from './program-bundle.ts'

/** The longest part that is taken, and so the longest frame that carries one. */
export const partBytesMax = 1024 * 1024

/** Which part comes next. */
export type WantedPart = Pick<BundlePart, 'file' | 'offset'>

/** What is to be written to which file. */
export interface PartOfFile {
  readonly name: string
  readonly offset: number
  readonly bytes: Uint8Array
  /** The file is complete with it, and its digest is right. */
  readonly isLast: boolean
}

/**
 * Takes a bundle in, part by part, whoever sends it, and lets no file be completed that is not as the digest has it. It
 * only says what to ask for and what to write.
 */
export class BundleIntake {
  readonly digest: string
  #manifest: BundleManifest | null = null
  #file = 0
  #offset = 0
  #hash: Hash = createHash('sha256')

  /** Throws a `BundleError` for what is no digest. */
  constructor(digest: string) {
    if (!isDigest(digest)) throw new BundleError('a program bundle goes by its SHA-256, in small hexadecimal digits')
    this.digest = digest
  }

  /** Null before it is here. */
  get manifest(): BundleManifest | null {
    return this.#manifest
  }

  /** The next part; null when all are here. */
  get wanted(): WantedPart | null {
    if (this.#manifest === null) return { file: null, offset: 0 }
    return this.#file < this.#manifest.files.length ? { file: this.#file, offset: this.#offset } : null
  }

  /** Takes the next part. Throws a `BundleError` if it is not that one, or cannot be right. */
  take({ file, offset, bytes }: BundlePart): PartOfFile {
    const { wanted } = this
    if (wanted === null || file !== wanted.file || offset !== wanted.offset) throw this.#refused('came out of turn')
    if (bytes.length === 0 || bytes.length > partBytesMax) throw this.#refused(`has ${bytes.length} bytes`)
    return file === null ? this.#takeManifest(bytes) : this.#takeOfFile(bytes)
  }

  #takeManifest(bytes: Uint8Array): PartOfFile {
    const manifest = readManifest(this.digest, bytes)
    this.#manifest = manifest
    return { name: manifestName, offset: 0, bytes, isLast: true }
  }

  #takeOfFile(bytes: Uint8Array): PartOfFile {
    const { name, bytes: wantedBytes, sha256 } = this.#manifest!.files[this.#file]!
    const offset = this.#offset
    const end = offset + bytes.length
    if (end > wantedBytes) throw this.#refused(`goes beyond the ${wantedBytes} bytes of ${name}`)
    this.#hash.update(bytes)
    this.#offset = end
    const isLast = end === wantedBytes
    if (isLast) {
      if (this.#hash.digest('hex') !== sha256)
        throw this.#refused(`is not what ${name} should be: its SHA-256 is another one`)
      this.#hash = createHash('sha256')
      this.#file += 1
      this.#offset = 0
    }
    return { name, offset, bytes, isLast }
  }

  #refused(what: string): BundleError {
    return new BundleError(`a part of program bundle ${shortDigest(this.digest)} ${what}`)
  }
}
