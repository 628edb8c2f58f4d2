import { posix } from 'node:path'
import type { Finding, SourceFile } from './sources.ts'

const folders = ['src', 'test', 'docs', 'scripts', 'programs', 'bench', 'bin', 'scenarios', '\\.ci', '\\.githooks']
const pathPattern = new RegExp(`(?<![\\w./-])(?:\\./)?((?:${folders.join('|')})/[\\w./-]*)`, 'g')
const linkPattern = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g

/** Files and folders that a document names, in text, code or links, and that are not there. */
export function missingFiles({ path, text }: SourceFile, exists: (path: string) => boolean): Finding[] {
  const named = [...text.matchAll(pathPattern)].map(([, name]) => name!.replace(/[./]+$/, ''))
  const links = [...text.matchAll(linkPattern)].map(([, target]) => target!).filter((one) => !/^[a-z]+:/.test(one))
  const linked = links.map((target) => posix.join(posix.dirname(path), target))
  return [...new Set([...named, ...linked])]
    .filter((name) => !exists(name))
    .map((name) => `${path}: there is no ${name}`)
}
