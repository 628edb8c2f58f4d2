import { type BundleFile, makeManifest, type ProgramApi, sha256 } from './manifest.ts'

/** A stretch of one file of a bundle. */
export interface BundlePart {
  /** Which file of the manifest, from 0 on; null: the manifest itself, which comes whole. */
  readonly file: number | null
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A program as other hosts get it, in memory. What its digest is, is found out when somebody asks. */
export class ProgramBundle {
  readonly #about: { readonly program: string; readonly paritas: ProgramApi }
  /** In the order of their names. */
  readonly #files: readonly (readonly [name: string, bytes: Uint8Array])[]
  #made: { readonly manifest: Uint8Array; readonly digest: string } | null = null

  constructor(program: string, paritas: ProgramApi, files: Iterable<readonly [name: string, bytes: Uint8Array]>) {
    this.#about = { program: program.slice(0, 100), paritas }
    this.#files = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  get digest(): string {
    return this.#make().digest
  }

  /** Of all files. */
  get bytes(): number {
    return this.#files.reduce((sum, [, { length }]) => sum + length, 0)
  }

  /** At most so many bytes from there on; null where there are none. The bytes must not be changed. */
  part(file: number | null, offset: number, bytesMax: number): BundlePart | null {
    const all = file === null ? this.#make().manifest : this.#files[file]?.[1]
    if (all === undefined || offset >= all.length) return null
    return { file, offset, bytes: all.subarray(offset, offset + bytesMax) }
  }

  /** All of it, in the order in which a store takes it. */
  *parts(bytesMax: number): Generator<BundlePart> {
    yield { file: null, offset: 0, bytes: this.#make().manifest }
    for (const [file, [, { length }]] of this.#files.entries()) {
      for (let offset = 0; offset < length; offset += bytesMax) yield this.part(file, offset, bytesMax)!
    }
  }

  #make(): { readonly manifest: Uint8Array; readonly digest: string } {
    if (this.#made !== null) return this.#made
    const files = this.#files.map(([name, bytes]): BundleFile => ({ name, bytes: bytes.length, sha256: sha256(bytes) }))
    const manifest = makeManifest(this.#about, files)
    this.#made = { manifest, digest: sha256(manifest) }
    return this.#made
  }
}
