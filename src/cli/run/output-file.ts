import { fsync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { enumerate, UsageError } from '../../base/index.ts'
import { fileError, isSystemError } from '../../file-errors/index.ts'
import { closeOutlet, type NamedFile, type Outlet, openOutlet, writeText } from '../../files/index.ts'
import { InterruptedError, temporaryFolder } from '../../machine/index.ts'
import { keptName, partialName, removePartials } from '../../ownership/index.ts'
import { probeWritable } from '../named-paths.ts'

/** Where the output goes, once it is known that it can. */
export interface OutputTarget {
  /** `--output` and the name as the user wrote it, for messages. */
  readonly what: string
  readonly file: NamedFile
  /**
   * Renamed: it is written under another name first. In place: a file that cannot be replaced is overwritten.
   * Straight: what is no file, such as a pipe, or is open already.
   */
  readonly way: 'renamed' | 'inPlace' | 'straight'
  /** Why it is written in place, in one line; null where it is not. */
  readonly remark: string | null
}

/** The output, piece by piece, from its beginning at each call. */
export type Texts = () => Iterable<string>

/** Text is gathered to pieces of about this length before it is written. */
const pieceLength = 1 << 20

/**
 * Finds out, before anything is computed, whether and how the output can be written. Throws a `UsageError` if it cannot.
 * `option` is what the user gave the name to.
 */
export async function prepareOutput(given: string, option = '--output'): Promise<OutputTarget> {
  const what = `${option} ${given}`
  const file = await probeWritable(what, given)
  if (file.descriptor !== null || (file.stats !== null && !file.stats.isFile())) {
    return { what, file, way: 'straight', remark: null }
  }
  removePartials(dirname(file.path))
  const obstacle = file.stats === null ? null : await obstacleTo(file.path)
  if (obstacle === null) return { what, file, way: 'renamed', remark: null }
  return { what, file, way: 'inPlace', remark: `${what}: ${obstacle}, so it is written in place, once all is computed` }
}

/**
 * Writes the output. A file gets its name, or its new content, only when all of it is on the disk: whoever sees the name
 * sees the whole output. Throws a `UsageError` if it cannot be written, which says where it is kept instead; and what
 * `signal` was aborted with: then nothing is left, unless a pipe was waited for.
 */
export async function writeOutput(target: OutputTarget, texts: Texts, signal: AbortSignal): Promise<void> {
  try {
    if (target.way === 'renamed') await replace(target.file, texts, signal)
    else await writeStraight(target.file, texts, signal)
  } catch (error) {
    if (signal.aborted && target.file.stats?.isFIFO()) {
      // The user ends a wait for a reader that does not come, and does not want to lose what was computed.
      const never = new AbortController().signal
      throw new InterruptedError(`interrupted; ${await keep(target, texts, never)}`)
    }
    if (!isSystemError(error)) throw error
    // The reader of stdout has gone, and wants no more of it.
    if (error.code === 'EPIPE' && target.file.descriptor === 1) return
    throw new UsageError(`${fileError(target.what, error).message}; ${await keep(target, texts, signal)}`)
  }
}

/** Why another file cannot take the place of this one; null if it can, as far as can be known before. */
async function obstacleTo(path: string): Promise<string | null> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const points = mounts.split('\n').map((line) => line.split(' ')[4] ?? '')
  if (points.map(unescaped).includes(path)) return 'it is mounted by itself and cannot be replaced'
  const partial = join(dirname(path), partialName())
  try {
    await (await open(partial, 'wx')).close()
    await rm(partial)
    return null
  } catch (error) {
    if (!isSystemError(error)) throw error
    return 'its folder takes no other file'
  }
}

/** The kernel writes blanks and the like as octal numbers. */
function unescaped(name: string): string {
  return name.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

async function replace({ path, stats }: NamedFile, texts: Texts, signal: AbortSignal): Promise<void> {
  const folder = dirname(path)
  const partial = join(folder, partialName())
  await writeNew(partial, stats === null ? null : Number(stats.mode) & 0o777, texts, signal)
  try {
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    // Nobody could know before: systems have many reasons not to replace a file that they let anybody write.
    const now = await stat(path, { bigint: true }).catch(() => null)
    if (!now?.isFile()) throw error
    return writeStraight({ path, stats: now, descriptor: null }, texts, signal)
  }
  await syncFolder(folder)
}

/** Writes all into a file that is not there yet; if that fails, there is none afterwards. `mode`: null for the usual one. */
async function writeNew(path: string, mode: number | null, texts: Texts, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'wx', mode ?? 0o666)
  try {
    // The umask is for new files; this one keeps the permissions that it had.
    if (mode !== null) await file.chmod(mode)
    await writeAll({ kind: 'file', descriptor: file.fd, isOwn: false }, texts, signal)
    await file.sync()
    // Some file systems say only now that there was no space.
    await file.close()
  } catch (error) {
    // The first error is the one to tell of.
    await file.close().catch(() => {})
    await rm(path, { force: true })
    throw error
  }
}

async function writeStraight(file: NamedFile, texts: Texts, signal: AbortSignal): Promise<void> {
  const outlet = await openOutlet(file, signal)
  try {
    await writeAll(outlet, texts, signal)
    if (outlet.kind === 'file' && file.stats?.isFile()) await promisify(fsync)(outlet.descriptor).catch(ignoreUnfit)
  } catch (error) {
    await closeOutlet(outlet).catch(() => {})
    throw error
  }
  await closeOutlet(outlet)
}

/** Some file systems, such as /proc, have nothing that could be brought to a disk. */
function ignoreUnfit(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EINVAL') throw error
}

async function writeAll(outlet: Outlet, texts: Texts, signal: AbortSignal): Promise<void> {
  let piece: string[] = []
  let length = 0
  const flush = async (): Promise<void> => {
    await writeText(outlet, piece.join(''), signal)
    piece = []
    length = 0
  }
  for (const text of texts()) {
    piece.push(text)
    length += text.length
    if (length >= pieceLength) await flush()
  }
  await flush()
}

/** What was computed may have taken days: it is kept where there is room. Returns where, for the end of a sentence. */
async function keep({ file, way }: OutputTarget, texts: Texts, signal: AbortSignal): Promise<string> {
  const beside = way === 'straight' ? [] : [dirname(file.path)]
  const folders = [...beside, temporaryFolder(tmpdir())]
  for (const folder of folders) {
    const path = join(folder, keptName(file.path))
    try {
      await writeNew(path, 0o600, texts, signal)
      return `the whole output is kept in ${path}`
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }
  return `nor can it be kept in ${enumerate(folders, 'or')}`
}

/**
 * The name is on the disk only when its folder is synced. Not every file system can do that, and the file itself is
 * complete.
 */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (!isSystemError(error)) throw error
  }
}
