/**
 * The checkpoints in a folder: writing a manifest, finding the newest whole one, and clearing away what none of the
 * kept ones needs.
 *
 * K1: the newest two whole checkpoints stay, with every file that they need, until a newer one is durable.
 */
import { basename } from 'node:path'
import { DamagedFileError, OtherFormatError } from './damaged-file.ts'
import { type Folder, partialEnding, writeWhole } from './folder.ts'
import { decodeManifest, encodeManifest, type Manifest, manifestName, sequenceOf } from './manifest.ts'
import { readOutputLog } from './output-log.ts'
import { verifyFile } from './page-file.ts'

/** Whole checkpoints that are kept. */
const checkpointsKept = 2

/** A longer manifest is damaged, and not worth the memory. */
const manifestBytesMax = 64 * 2 ** 20

/** The checkpoint counts from here on: durable when this resolves. */
export async function writeManifest(folder: Folder, manifest: Manifest): Promise<void> {
  await writeWhole(folder, manifestName(manifest.sequence), async (file) => {
    await file.write(0, encodeManifest(manifest))
    return true
  })
}

export interface Found {
  /** The newest whole checkpoint; null if there is none. */
  readonly newest: Manifest | null
  /** The whole one before it; null if there is none. */
  readonly older: Manifest | null
  /** Newer ones that are not whole, and why: one line each, newest first. */
  readonly passedOver: readonly string[]
  /** The highest number that any checkpoint here has; 0 if there is none. */
  readonly lastSequence: number
}

/**
 * Looks at every byte of the newest checkpoints until `wanted` of them, one or two, are whole. Throws an
 * `OtherFormatError`.
 */
export async function findNewest(folder: Folder, wanted = checkpointsKept): Promise<Found> {
  const sequences = await sequencesIn(folder)
  const whole: Manifest[] = []
  const passedOver: string[] = []
  // Two checkpoints have most of their files in common.
  const verified = new Set<string>()
  for (const sequence of sequences) {
    try {
      const manifest = await readManifest(folder, sequence)
      await verify(folder, manifest, verified)
      whole.push(manifest)
      if (whole.length === wanted) break
    } catch (error) {
      if (error instanceof OtherFormatError) throw error
      if (whole.length > 0) continue
      passedOver.push(`checkpoint file ${manifestName(sequence)} is passed over: ${readingProblem(error)}`)
    }
  }
  const [newest = null, older = null] = whole
  return { newest, older, passedOver, lastSequence: sequences[0] ?? 0 }
}

/** Throws a `DamagedFileError`, an `OtherFormatError`, or what the operating system says. */
export async function readManifest(folder: Folder, sequence: number): Promise<Manifest> {
  const name = manifestName(sequence)
  const manifest = decodeManifest(name, await folder.read(name, 0, manifestBytesMax))
  if (manifest.sequence !== sequence) throw new DamagedFileError(name, 'it is the manifest of another checkpoint')
  return manifest
}

/** `verified` holds what is known to be sound, by name, size and checksum, and takes what is found to be. */
async function verify(folder: Folder, { processes, outputs }: Manifest, verified: Set<string>): Promise<void> {
  for (const file of processes.flatMap(({ chain }) => chain)) {
    const known = `${file.name} ${file.bytes} ${file.checksum}`
    if (!verified.has(known)) await verifyFile(folder, file)
    verified.add(known)
  }
  await readOutputLog(folder, outputs)
}

/** Why a file could not be read, with its name where that is known. */
export function readingProblem(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException
  if (path === undefined) return message
  return code === 'ENOENT' ? `${basename(path)} is missing` : `${basename(path)}: ${message.split(', ')[0]}`
}

/** Numbers of the manifests that are there, newest first. */
async function sequencesIn(folder: Folder): Promise<number[]> {
  const sequences = (await folder.names()).map(sequenceOf).filter((sequence) => sequence !== null)
  return sequences.sort((one, other) => other - one)
}

/** K1: removes all files of older checkpoints, and logs, that `kept` do not need. Others' files are left alone. */
export async function clearBut(folder: Folder, kept: readonly Manifest[]): Promise<void> {
  const last = Math.max(...kept.map(({ sequence }) => sequence))
  const needed = neededBy(kept)
  const old = (await folder.names()).filter(
    (name) => !needed.has(name) && (isOfWriting(name, last) || logName.test(name)),
  )
  await remove(folder, old)
}

/** Removes what this failed writing and those before it have left: a full disk has no room for it. */
export async function clearFailed(folder: Folder, kept: readonly Manifest[], sequence: number): Promise<void> {
  const needed = neededBy(kept)
  await remove(
    folder,
    (await folder.names()).filter((name) => isOfWriting(name, sequence) && !needed.has(name)),
  )
}

/**
 * Removes what no checkpoint here needs, whole or damaged: what runs that were killed have left of those that they were
 * writing. What a manifest that cannot be read may need stays.
 */
export async function clearUnnamed(folder: Folder): Promise<void> {
  const manifests: Manifest[] = []
  let lastUnread = 0
  for (const sequence of await sequencesIn(folder)) {
    try {
      manifests.push(await readManifest(folder, sequence))
    } catch {
      lastUnread = Math.max(lastUnread, sequence)
    }
  }
  const needed = neededBy(manifests)
  const isLeft = (name: string): boolean => {
    if (!isCheckpointFile(name) || sequenceOf(name) !== null || needed.has(name)) return false
    const writing = writingOf(name)
    // No checkpoint needs files of a later one.
    return name.endsWith(partialEnding) || (writing === null ? lastUnread === 0 : writing > lastUnread)
  }
  await remove(folder, (await folder.names()).filter(isLeft))
}

function neededBy(kept: readonly Manifest[]): ReadonlySet<string> {
  return new Set(kept.flatMap((manifest) => [manifestName(manifest.sequence), ...filesOf(manifest)]))
}

/** Removes all files of checkpoints. */
export async function clearAll(folder: Folder): Promise<void> {
  await remove(
    folder,
    (await folder.names()).filter((name) => partOfIt.test(name)),
  )
}

/**
 * Manifests first: what they speak of is there as long as they are. One that cannot be removed keeps no other; the first
 * error is thrown at the end.
 */
async function remove(folder: Folder, names: readonly string[]): Promise<void> {
  const isManifest = (name: string): boolean => sequenceOf(name) !== null
  const ordered = [...names.filter(isManifest), ...names.filter((name) => !isManifest(name))]
  const errors: unknown[] = []
  for (const name of ordered) await folder.remove(name).catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw errors[0]
}

function filesOf({ processes, outputs }: Manifest): string[] {
  return [...processes.flatMap(({ chain }) => chain.map(({ name }) => name)), outputs.name]
}

/**
 * Files of a checkpoint carry its number, so those of one that is being written are not taken for old ones, and the id of
 * their run, since one that was killed over a checkpoint has had the same number.
 */
export function pageFileName(sequence: number, run: string, rank: number): string {
  return `pages-${String(sequence).padStart(8, '0')}-${run}-${rank}.bin`
}

export function outputLogName(run: string): string {
  return `outputs-${run}.bin`
}

/** Whether a file is one that is written here. */
export function isCheckpointFile(name: string): boolean {
  return partOfIt.test(name)
}

const partOfIt = /^(?:(?:checkpoint|pages)-(\d{8,15})|outputs-)[\w-]*\.(?:json|bin)(?:\.partial)?$/

const logName = /^outputs-[\w-]*\.bin$/

/** Whether a file is one of the writings up to this number. */
function isOfWriting(name: string, last: number): boolean {
  const writing = writingOf(name)
  return writing !== null && writing <= last
}

/** The number in the name of a manifest or a file of pages, complete or not; null if there is none. */
function writingOf(name: string): number | null {
  const [, digits] = partOfIt.exec(name) ?? []
  return digits === undefined ? null : Number(digits)
}
