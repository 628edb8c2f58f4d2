/** Options that name one file would destroy what the other is to keep. */
import { basename, dirname, join, resolve, sep } from 'node:path'
import { UsageError } from '../base/index.ts'
import { findFile, isSameFile, type NamedFile } from '../files/index.ts'

const areSame = 'are the same file: give each one of its own'

/** What the command line names. */
export interface Mention {
  /** For messages: `--output a.txt`. */
  readonly what: string
  readonly name: string
  readonly use: 'read' | 'write' | 'folder'
}

/** The mention of a file; none for null. */
export function mention(option: string, name: string | null, use: Mention['use']): Mention[] {
  return name === null ? [] : [{ what: `${option} ${name}`, name, use }]
}

/**
 * Throws a `UsageError` if two of them are one file, also through links, or if a file lies in a folder that is to hold
 * nothing else. A file that is only read may come twice.
 */
export async function requireDistinct(mentions: readonly Mention[]): Promise<void> {
  const found: { readonly mention: Mention; readonly file: NamedFile }[] = []
  for (const mention of mentions) {
    const file = await findFile(mention.name).catch(() => whereItWouldBe(mention.name))
    for (const before of found) refuse(before.mention, before.file, mention, file)
    found.push({ mention, file })
  }
}

/** Throws a `UsageError` if what is to be written is one of the files that the program is made of. */
export async function requireNoSource(written: readonly Mention[], sources: readonly string[]): Promise<void> {
  for (const { what, name } of written) {
    const file = await findFile(name).catch(() => null)
    if (!file?.stats) continue
    for (const source of sources) {
      const sourceFile = await findFile(source).catch(() => null)
      if (sourceFile === null || !isSameFile(file, sourceFile)) continue
      throw new UsageError(`${what} and ${source}, of which the program is made, ${areSame}`)
    }
  }
}

/** A file in a folder that cannot be looked at, or is yet to be made: what else is wrong with it is said when it is opened. */
async function whereItWouldBe(name: string): Promise<NamedFile> {
  const path = resolve(name)
  if (path === dirname(path)) return { path, stats: null, descriptor: null }
  const folder = await findFile(dirname(path)).catch(() => whereItWouldBe(dirname(path)))
  return { path: join(folder.path, basename(path)), stats: null, descriptor: null }
}

function refuse(one: Mention, oneFile: NamedFile, other: Mention, otherFile: NamedFile): void {
  const both = `${one.what} and ${other.what}`
  if (isSameFile(oneFile, otherFile)) {
    // Devices such as /dev/null and terminals keep nothing.
    if (oneFile.stats?.isCharacterDevice()) return
    if (one.use === 'read' && other.use === 'read') {
      if (!oneFile.stats?.isFIFO()) return
      throw new UsageError(`${both}: it is a pipe, which can be read only once`)
    }
    throw new UsageError(`${both} ${areSame}`)
  }
  const isInside =
    (one.use === 'folder' && otherFile.path.startsWith(oneFile.path + sep)) ||
    (other.use === 'folder' && oneFile.path.startsWith(otherFile.path + sep))
  if (isInside) throw new UsageError(`${both}: the folder must hold nothing but checkpoints; choose another place`)
}
