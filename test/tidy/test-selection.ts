import ts from 'typescript'
import { type Finding, lineOf, parse, type SourceFile, walk } from './sources.ts'

const suites = new Set(['describe', 'it', 'suite', 'test'])
const selections = new Set(['fails', 'only', 'runIf', 'skip', 'skipIf', 'todo'])
const aliases = new Set(['fdescribe', 'fit', 'xdescribe', 'xit', 'xtest'])

/** Tests that are skipped, singled out, meant to fail or left to be written. */
export function selectedTests(source: SourceFile): Finding[] {
  const file = parse(source)
  const findings: Finding[] = []
  walk(file, (node) => {
    const isAlias = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && aliases.has(node.expression.text)
    const isSelection =
      ts.isPropertyAccessExpression(node) && selections.has(node.name.text) && suites.has(rootName(node.expression))
    if (!isAlias && !isSelection) return
    const shown = isAlias ? node.expression.getText(file) : node.getText(file)
    findings.push(`${source.path}:${lineOf(file, node)}: ${shown.split('\n')[0]} leaves tests out`)
  })
  return findings
}

/** `test` of `test.concurrent.each(…)`. */
function rootName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return rootName(node.expression)
  return ''
}
