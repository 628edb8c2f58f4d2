import { readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import type { Metafile } from 'esbuild'
import { attempt } from '../../base/index.ts'

type Inputs = Metafile['inputs']

/**
 * What the files of a program are called wherever it is bundled, by the names that the bundler has for them. Both are seen
 * from the program's folder. Another name have only those that lie outside of it: their place depends on the computer,
 * so they are named as the program names them, or by the package that they belong to.
 */
export function sourceNames(inputs: Inputs, entry: string, folder: string): ReadonlyMap<string, string> {
  const names = new Map([[entry, entry]])
  for (const [importer, name] of names) {
    for (const { path, original, external } of inputs[importer]?.imports ?? []) {
      if (external || names.has(path)) continue
      names.set(path, nameOf(path, original ?? path, { importer, name }, folder))
    }
  }
  return names
}

interface Importer {
  readonly importer: string
  readonly name: string
}

function nameOf(path: string, original: string, { importer, name }: Importer, folder: string): string {
  if (!path.startsWith('../')) return path
  const installed = path.indexOf('node_modules/')
  if (installed !== -1) return path.slice(installed)
  if (!/^\.\.?(\/|$)/.test(original)) return nameInPackage(path, folder)
  // What a specifier may leave out: an extension, or the name of the module in a folder.
  const written = posix.join(posix.dirname(importer), original)
  const rest = path.startsWith(written) ? path.slice(written.length) : ''
  return posix.join(posix.dirname(name), original) + rest
}

/** A package that is linked into the program's `node_modules` lies anywhere. */
function nameInPackage(path: string, folder: string): string {
  const file = join(folder, path)
  for (let place = dirname(file); place !== dirname(place); place = dirname(place)) {
    const about = attempt((): unknown => JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')), null)
    const name = (about as { readonly name?: unknown } | null)?.name
    if (typeof name === 'string') return posix.join('node_modules', name, relative(place, file))
  }
  return posix.basename(path)
}

/**
 * Puts these names in the place of the bundler's, which stand in lines of their own: above the code of each module, and
 * before that of one in CommonJS form. No other line changes, and none comes or goes, so the source map stays right.
 */
export function withNames(code: string, names: ReadonlyMap<string, string>): string {
  const changed = new Map([...names].filter(([path, name]) => path !== name))
  if (changed.size === 0) return code
  return code.replaceAll(
    /^(\/\/ | {2}(?:async )?")(.+?)((?:"\(\w*(?:, \w+)?\) \{)?)$/gm,
    (line: string, ...parts: string[]) => {
      const [begin, path, end] = parts as [string, string, string]
      const name = changed.get(path)
      return name === undefined || (begin === '// ') !== (end === '') ? line : `${begin}${name}${end}`
    },
  )
}
