/**
 * What the source map of a bundle calls a source: `program:lib/sort.ts`, as seen from the program's folder. No host has
 * such a file, and whoever prints a stack shows it as it is.
 */
import { attempt } from '../../base/index.ts'

const scheme = 'program:'

export function sourceUrl(name: string): string {
  return scheme + encodeURI(name).replaceAll('?', '%3F').replaceAll('#', '%23')
}

/** `lib/sort.ts` again. */
export function sourceName(url: string): string {
  return decoded(url.slice(scheme.length))
}

const frame = new RegExp(String.raw`^(\s+at (?:.* \(|async )?)(${scheme}|(?:file://)?(?=/))(.+?)(:\d+:\d+\)?)$`)

/** A line of a stack, with the source as people know it: Node tells what a source map names as the path of an address. */
export function frameAsWritten(line: string): string {
  const [, begin, way, name, end] = frame.exec(line) ?? []
  return name === undefined ? line : [begin, way === scheme ? '' : way, decoded(name), end].join('')
}

function decoded(name: string): string {
  return attempt(() => decodeURIComponent(name), name)
}
