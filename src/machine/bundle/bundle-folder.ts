/** A bundle as files: written when it comes, and looked at before it is used. */
import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../base/index.ts'
import { nodeFolder } from '../../checkpoint-files/index.ts'
import { BundleIntake, type WantedPart } from './intake.ts'
import { BundleError, type BundleManifest, manifestName, readManifest, sha256 } from './manifest.ts'
import type { BundlePart } from './program-bundle.ts'
import { apiProblem } from './shared-package.ts'

/** Gives the part that begins there, as long as it likes; never an empty one. */
export type ReadPart = (wanted: WantedPart) => BundlePart | Promise<BundlePart>

/**
 * Makes the folder and writes the bundle into it; when this resolves, every byte is right and on the disk. `requireFit` is
 * given the manifest before any file is fetched. Throws as `BundleIntake` does, and what `read` and `requireFit` throw.
 */
export async function writeBundle(
  folder: string,
  digest: string,
  read: ReadPart,
  requireFit: (manifest: BundleManifest) => void,
): Promise<BundleManifest> {
  const intake = new BundleIntake(digest)
  await mkdir(folder, { mode: 0o700 })
  let file: FileHandle | null = null
  try {
    for (let { wanted } = intake; wanted !== null; wanted = intake.wanted) {
      const { name, offset, bytes, isLast } = intake.take(await read(wanted))
      if (name === manifestName) requireFit(intake.manifest!)
      file ??= await open(join(folder, name), 'wx', 0o400)
      await writeAll(file, bytes, offset)
      if (!isLast) continue
      await file.sync()
      await file.close()
      file = null
    }
  } finally {
    await file?.close()
  }
  await nodeFolder(folder).sync()
  return intake.manifest!
}

async function writeAll(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, offset + written)).bytesWritten
  }
}

/** Throws a `UsageError` if the bundle is for another version of Paritas. */
export function requireLoadable({ paritas }: BundleManifest): void {
  const problem = apiProblem(paritas)
  if (problem !== null) throw new UsageError(problem)
}

/** The manifest, if the folder holds that bundle whole and nothing else; null if not. */
export async function holdsWhole(folder: string, digest: string): Promise<BundleManifest | null> {
  try {
    const manifest = readManifest(digest, await readFile(join(folder, manifestName)))
    const names = new Set([manifestName, ...manifest.files.map(({ name }) => name)])
    const there = await readdir(folder, { withFileTypes: true })
    if (there.length !== names.size || !there.every((one) => one.isFile() && names.has(one.name))) return null
    for (const file of manifest.files) {
      const bytes = await readFile(join(folder, file.name))
      if (bytes.length !== file.bytes || sha256(bytes) !== file.sha256) return null
    }
    return manifest
  } catch (error) {
    // Whatever cannot be read is of no more use than what is wrong.
    if (error instanceof BundleError || (error as NodeJS.ErrnoException).syscall !== undefined) return null
    throw error
  }
}
