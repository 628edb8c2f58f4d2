import { type BigIntStats, fstatSync } from 'node:fs'
import { readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'

/** The file that a name means, whether it is there or not. */
export interface NamedFile {
  /** Absolute, with no link on the way. A link that leads nowhere is followed to the file that it would create. */
  readonly path: string
  /** Null while there is no such file. */
  readonly stats: BigIntStats | null
  /** Where this process has it open already, as `/dev/stdout`; it is not opened anew then, which would lose its position. */
  readonly descriptor: number | null
}

/** As many as Linux follows. */
const linksMax = 40

/** Throws what the operating system says, for instance if a folder on the way is missing. */
export async function findFile(name: string): Promise<NamedFile> {
  const path = await follow(isAbsolute(name) ? name : `${process.cwd()}/${name}`, linksMax)
  const descriptor = descriptorIn(path)
  if (descriptor !== null) return { path, stats: fstatSync(descriptor, { bigint: true }), descriptor }
  const stats = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return { path, stats, descriptor: stats?.isFile() ? standardOutput(stats) : null }
}

/** Whether two names mean one file, be it by links or because nothing else could be created. */
export function isSameFile(one: NamedFile, other: NamedFile): boolean {
  if (one.stats === null || other.stats === null) return one.path === other.path
  return areSame(one.stats, other.stats)
}

function areSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}

async function follow(name: string, left: number): Promise<string> {
  // The folder comes first: what `..` means depends on the links before it.
  const path = join(await realpath(dirname(name)), basename(name))
  // What a link in there says is not where it leads.
  if (path.startsWith('/proc/') || descriptorIn(path) !== null) return path
  const target = await readlink(path).catch(() => null)
  if (target === null) return path
  // The system's own error tells of links that lead in a circle.
  if (left === 0) return realpath(path)
  return follow(isAbsolute(target) ? target : `${dirname(path)}/${target}`, left - 1)
}

function descriptorIn(path: string): number | null {
  const [, owner, digits] = /^\/(?:dev|proc\/(\d+))\/fd\/(\d+)$/.exec(path) ?? []
  return digits === undefined || (owner ?? String(process.pid)) !== String(process.pid) ? null : Number(digits)
}

/** The descriptor by which the shell has opened the file for what this process says; null if it has not. */
function standardOutput(stats: BigIntStats): number | null {
  return [1, 2].find((descriptor) => isOpenAs(descriptor, stats)) ?? null
}

function isOpenAs(descriptor: number, stats: BigIntStats): boolean {
  try {
    return areSame(fstatSync(descriptor, { bigint: true }), stats)
  } catch {
    // The shell may close them, as by `>&-`.
    return false
  }
}
