import ts from 'typescript'
import { type Finding, root, type SourceFile } from './sources.ts'

/** Folders that an import table names, and that hold none of `files`. */
export function emptyFolders(
  table: Readonly<Record<string, { readonly folders: readonly string[] }>>,
  files: readonly SourceFile[],
): Finding[] {
  const named = new Set(Object.entries(table).flatMap(([folder, { folders }]) => [folder, ...folders]))
  return [...named]
    .filter((folder) => {
      const beginning = folder === 'programs' ? 'programs/' : `src/${folder}/`
      return !files.some(({ path }) => path.startsWith(beginning))
    })
    .map((folder) => `the import table names ${folder}, which is not there`)
}

/** Patterns by which a configuration of the compiler includes files, and that match none. */
export function emptyIncludes({ path, text }: SourceFile): Finding[] {
  const { include = [], exclude } = ts.parseConfigFileTextToJson(path, text).config as {
    readonly include?: readonly string[]
    readonly exclude?: readonly string[]
  }
  return include
    .filter((pattern) => ts.sys.readDirectory(root, ['.ts'], exclude, [pattern]).length === 0)
    .map((pattern) => `${path}: ${pattern} matches no file`)
}
