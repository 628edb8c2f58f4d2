import ts from 'typescript'
import { type Finding, parse, type SourceFile } from './sources.ts'

/** Names of exported types and classes that more than one file declares: one word has one meaning. */
export function sharedTypeNames(files: readonly SourceFile[]): Finding[] {
  const paths = new Map<string, string[]>()
  for (const file of files) {
    for (const name of exportedTypes(file)) paths.set(name, [...(paths.get(name) ?? []), file.path])
  }
  return [...paths]
    .filter(([, all]) => all.length > 1)
    .map(([name, all]) => `${all.join(', ')}: each exports a ${name}`)
}

/** Those that the file itself declares. */
function exportedTypes(file: SourceFile): string[] {
  return parse(file).statements.flatMap((statement) => {
    const isType =
      ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || ts.isClassDeclaration(statement)
    if (!isType || statement.name === undefined) return []
    const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false
    return isExported ? [statement.name.text] : []
  })
}
