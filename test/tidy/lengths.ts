import ts from 'typescript'
import { type Finding, lineOf, parse, type SourceFile, walk } from './sources.ts'

export const fileLinesMax = 450
export const functionLinesMax = 70

export function longFiles({ path, text }: SourceFile): Finding[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return lines > fileLinesMax ? [`${path}: ${lines} lines, at most ${fileLinesMax} are allowed`] : []
}

/** Functions, methods and arrow functions; one inside another counts for both. */
export function longFunctions(source: SourceFile): Finding[] {
  const file = parse(source)
  const findings: Finding[] = []
  walk(file, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
    const first = lineOf(file, node)
    const lines = file.getLineAndCharacterOfPosition(node.end).line + 2 - first
    if (lines <= functionLinesMax) return
    findings.push(`${source.path}:${first}: a function of ${lines} lines, at most ${functionLinesMax} are allowed`)
  })
  return findings
}
