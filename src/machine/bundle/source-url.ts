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
  const name = url.slice(scheme.length)
  return attempt(() => decodeURIComponent(name), name)
}

const frame = new RegExp(String.raw`^(\s+at (?:.* \(|async )?)(${scheme}.+?)(:\d+:\d+\)?)$`)

/** A line of a stack, with the source as people know it. */
export function frameAsWritten(line: string): string {
  const [, begin, url, end] = frame.exec(line) ?? []
  return url === undefined ? line : begin + sourceName(url) + end
}
