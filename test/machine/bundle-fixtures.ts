import type { ReadPart } from '../../src/machine/bundle/bundle-folder.ts'
import { type BundleFile, makeManifest, sha256 } from '../../src/machine/bundle/manifest.ts'
import { type BundlePart, ProgramBundle } from '../../src/machine/bundle/program-bundle.ts'
import { ownApi } from '../../src/machine/bundle/shared-package.ts'

const module = (text: string): [string, Uint8Array] => ['program.mjs', Buffer.from(text)]

/** A bundle that is different for each text, and as long as `bytes` says. */
export function bundleOf(text = 'export default 1\n', bytes = 0, about = ownApi()): ProgramBundle {
  const files = [module(text), ['wasm-kernel-0.wasm', new Uint8Array(Math.max(1, bytes)).fill(text.length)] as const]
  return new ProgramBundle('sample', about, files)
}

/** Its parts, of at most so many bytes. */
export function reading(bundle: ProgramBundle, bytesMax = 64 * 1024): ReadPart {
  return ({ file, offset }) => partOf(bundle, file, offset, bytesMax)
}

export function partOf(bundle: ProgramBundle, file: number | null, offset: number, bytesMax: number): BundlePart {
  const part = bundle.part(file, offset, bytesMax)
  if (part === null) throw new Error(`nothing at ${offset} of file ${file}`)
  return part
}

/** The manifest of one file, told as `told` says; the digest is right. */
export function manifestOf(told: Partial<BundleFile>, ...more: readonly BundleFile[]) {
  const bytes = Buffer.from('export default 1\n')
  const file: BundleFile = { name: 'program.mjs', bytes: bytes.length, sha256: sha256(bytes), ...told }
  const manifest = makeManifest({ program: 'sample', paritas: ownApi() }, [file, ...more])
  return { manifest, digest: sha256(manifest), bytes }
}
